// SPDX-License-Identifier: MIT
// The driver for front ends with source maps: its own files are seen through the listing, those of the core directly.
import type { Protocol } from 'devtools-protocol';
import { type BreakpointRequest, type DebuggerBackend, ProtocolError } from '../cdp/index.js';
import type { Driver } from './driver.js';
import type { Listing } from './listing.js';

type Location = Protocol.Debugger.Location;
type PausedEvent = Protocol.Debugger.PausedEvent;

const LISTING_ID = 'listing';

export interface ListingSource {
  readonly listing: Listing;
  /** Where the source map is served, or the map itself as a data: URL. */
  readonly mapUrl: string;
}

export class ListingView {
  readonly #driver: Driver;
  readonly #listing: Listing;
  readonly #hidden: ReadonlySet<string>;
  readonly #script: Protocol.Debugger.ScriptParsedEvent;

  constructor(driver: Driver, { listing, mapUrl }: ListingSource) {
    this.#driver = driver;
    this.#listing = listing;
    this.#hidden = new Set([...listing.files].map(({ scriptId }) => scriptId));
    this.#script = {
      ...(driver.scripts()[0] as Protocol.Debugger.ScriptParsedEvent),
      scriptId: LISTING_ID,
      url: listing.url,
      embedderName: listing.url,
      endLine: listing.rows,
      sourceMapURL: mapUrl,
      hash: driver.context.uniqueId,
    };
  }

  scripts(): Protocol.Debugger.ScriptParsedEvent[] {
    return [...this.#driver.scripts().filter(({ scriptId }) => !this.#hidden.has(scriptId)), this.#script];
  }

  /** A place in a C file to the row of the listing that shows it. */
  location(location: Location, addr?: number): Location {
    if (!this.#hidden.has(location.scriptId)) return location;
    const file = this.#driver.sourceFiles.byId(location.scriptId);
    const row = this.#listing.rowOf(file, location.lineNumber + 1, addr);
    return row === undefined ? location : { scriptId: LISTING_ID, lineNumber: row, columnNumber: 0 };
  }

  paused(event: PausedEvent): PausedEvent {
    const callFrames = event.callFrames.map((frame) => {
      const location = this.location(frame.location, this.#driver.addressOf(frame.callFrameId));
      return { ...frame, location, url: location.scriptId === LISTING_ID ? this.#listing.url : frame.url };
    });
    return { ...event, callFrames };
  }

  async breakable(scriptId: string, from: number, to: number): Promise<Location[]> {
    if (scriptId !== LISTING_ID) return this.#driver.breakable(scriptId, from, to);
    const result: Location[] = [];
    for (let row = from; row < Math.min(to, this.#listing.rows); row++)
      if (this.#listing.at(row) !== undefined) result.push({ scriptId, lineNumber: row, columnNumber: 0 });
    return result;
  }

  #isListing({ script }: BreakpointRequest): boolean {
    if ('scriptId' in script) return script.scriptId === LISTING_ID;
    if ('url' in script) return script.url === this.#listing.url;
    return new RegExp(script.urlRegex).test(this.#listing.url);
  }

  async setBreakpoint(
    owner: object,
    request: BreakpointRequest,
  ): Promise<{ breakpointId: string; locations: Location[] }> {
    if (!this.#isListing(request)) {
      const { breakpointId, locations } = await this.#driver.setBreakpoint(owner, request);
      return { breakpointId, locations: locations.map((one) => this.location(one)) };
    }
    let instruction = this.#listing.at(request.line);
    // The name of a function stands for its first instruction.
    for (let row = request.line; instruction === undefined && row < request.line + 2; row++)
      instruction = this.#listing.at(row);
    if (instruction === undefined) throw new ProtocolError('Could not resolve breakpoint: there is no instruction.');
    const { file, line, addr, row } = instruction;
    const { breakpointId } =
      file !== undefined && this.#listing.beginsLine(instruction)
        ? await this.#driver.setBreakpoint(owner, { ...request, script: { scriptId: file.scriptId }, line: line - 1 })
        : await this.#driver.setAddressBreakpoint(owner, addr, request.condition);
    return { breakpointId, locations: [{ scriptId: LISTING_ID, lineNumber: row, columnNumber: 0 }] };
  }

  async continueTo(location: Location): Promise<void> {
    const instruction = location.scriptId === LISTING_ID ? this.#listing.at(location.lineNumber) : undefined;
    if (instruction === undefined) await this.#driver.continueTo(location);
    else await this.#driver.continueToAddress(instruction.addr);
  }

  /** The driver's backend with these places. */
  backend(): DebuggerBackend {
    const own: Partial<DebuggerBackend> = {
      scripts: () => this.scripts(),
      source: async (scriptId) => (scriptId === LISTING_ID ? this.#listing.text : this.#driver.source(scriptId)),
      breakable: (scriptId, from, to) => this.breakable(scriptId, from, to),
      setBreakpoint: (owner, request) => this.setBreakpoint(owner, request),
      continueTo: (location) => this.continueTo(location),
      paused: () => {
        const event = this.#driver.paused();
        return event === undefined ? undefined : this.paused(event);
      },
      onPaused: (listener) => this.#driver.onPaused((event) => listener(this.paused(event))),
    };
    return overlay(this.#driver, own);
  }
}

/** A backend with some of its methods replaced. */
export function overlay<T extends object>(base: T, own: Partial<Record<keyof T, unknown>>): T {
  return new Proxy(base, {
    get(target, name) {
      const replaced = own[name as keyof T];
      if (replaced !== undefined) return replaced;
      const value = Reflect.get(target, name, target) as unknown;
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
