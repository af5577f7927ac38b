// SPDX-License-Identifier: MIT
// One client: its messages go to the methods of its sessions, answers and events go back.
import { ERROR, parseRequest, type Params, ProtocolError, type Request, RequestError } from './protocol.js';
import type { Transport } from './transport.js';

export type Method = (params: Params, session: Session) => unknown;
/** "Debugger.pause" and so on to what is done. */
export type Methods = ReadonlyMap<string, Method>;

/** A client may have this many requests open; a front end has dozens. */
const MAX_OPEN = 2000;

/** A client's view of one target: the root session, or a flat child session with an id. */
export class Session {
  readonly id: string | undefined;
  readonly connection: Connection;
  readonly methods: Methods;
  #ends: (() => void)[] = [];

  constructor(connection: Connection, id: string | undefined, methods: (session: Session) => Methods) {
    this.connection = connection;
    this.id = id;
    this.methods = methods(this);
  }

  emit(method: string, params: object = {}): void {
    this.connection.write({ method, params, ...(this.id === undefined ? {} : { sessionId: this.id }) });
  }

  /** Called when the session ends, the last one first. */
  onEnd(end: () => void): void {
    this.#ends.push(end);
  }

  end(): void {
    for (const end of this.#ends.splice(0).reverse()) end();
  }
}

export class Connection {
  readonly #transport: Transport;
  readonly #sessions = new Map<string | undefined, Session>();
  #open = 0;
  #ended = false;

  constructor(transport: Transport, methods: (session: Session) => Methods) {
    this.#transport = transport;
    this.#sessions.set(undefined, new Session(this, undefined, methods));
    transport.onEnd = () => this.#end();
    transport.onMessage = (message) => this.#take(message);
  }

  get root(): Session {
    return this.#sessions.get(undefined) as Session;
  }

  get ended(): boolean {
    return this.#ended;
  }

  openSession(id: string, methods: (session: Session) => Methods): Session {
    const session = new Session(this, id, methods);
    this.#sessions.set(id, session);
    return session;
  }

  closeSession(id: string): void {
    const session = this.#sessions.get(id);
    this.#sessions.delete(id);
    session?.end();
  }

  write(message: object): void {
    if (!this.#ended) this.#transport.send(JSON.stringify(message));
  }

  drained(): Promise<void> {
    return this.#transport.drained();
  }

  #take(message: string): void {
    let request: Request;
    try {
      request = parseRequest(message);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      const id = error instanceof RequestError ? error.id : null;
      this.write({ id, error: { code: error.code, message: error.message } });
      return;
    }
    void this.#answer(request);
  }

  async #answer({ id, method, params, sessionId }: Request): Promise<void> {
    const address = { id, ...(sessionId === undefined ? {} : { sessionId }) };
    this.#open++;
    try {
      if (this.#open > MAX_OPEN) throw new ProtocolError(`more than ${MAX_OPEN} requests are open`);
      const session = this.#sessions.get(sessionId);
      if (session === undefined) throw new ProtocolError('Session with given id not found.', -32001);
      const run = session.methods.get(method);
      if (run === undefined) throw new ProtocolError(`'${method}' wasn't found`, ERROR.method);
      const result = (await run(params, session)) ?? {};
      this.write({ ...address, result });
    } catch (error) {
      const code = error instanceof ProtocolError ? error.code : ERROR.server;
      const text = error instanceof Error ? error.message : String(error);
      this.write({ ...address, error: { code, message: text } });
    } finally {
      this.#open--;
    }
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    const sessions = [...this.#sessions.values()].reverse();
    this.#sessions.clear();
    for (const session of sessions) session.end();
  }
}
