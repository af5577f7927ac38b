// SPDX-License-Identifier: MIT
// Child targets as flat sessions: for a program its threads, which front ends list in their Threads pane.
import type { Method, Methods, Session } from '../connection.js';

export interface ChildTarget {
  readonly id: string;
  readonly title: string;
}

export interface ChildrenBackend {
  children(): Promise<readonly ChildTarget[]>;
  /** Called when children() may have changed. */
  onChildren(listener: () => void): () => void;
  methods(child: ChildTarget, session: Session): Methods;
}

function attachedEvent({ id, title }: ChildTarget): object {
  return {
    sessionId: `T${id}`,
    waitingForDebugger: false,
    targetInfo: {
      targetId: `thread.${id}`,
      type: 'worker',
      title,
      url: `thread://${id}/`,
      attached: true,
      canAccessOpener: false,
    },
  };
}

export function targetDomain(session: Session, backend: ChildrenBackend): Record<string, Method> {
  const attached = new Set<string>();
  let ends: (() => void)[] = [];
  let refreshing = false;
  const refresh = async (): Promise<void> => {
    const children = await backend.children();
    if (ends.length === 0) return;
    const now = new Set(children.map(({ id }) => id));
    for (const id of attached) if (!now.has(id)) detach(id);
    for (const child of children) {
      if (attached.has(child.id)) continue;
      attached.add(child.id);
      session.connection.openSession(`T${child.id}`, (own) => backend.methods(child, own));
      session.emit('Target.attachedToTarget', attachedEvent(child));
    }
  };
  const detach = (id: string): void => {
    attached.delete(id);
    session.connection.closeSession(`T${id}`);
    session.emit('Target.detachedFromTarget', { sessionId: `T${id}`, targetId: `thread.${id}` });
  };
  const soon = (): void => {
    if (refreshing) return;
    refreshing = true;
    refresh()
      .catch(() => undefined)
      .finally(() => {
        refreshing = false;
      });
  };
  const off = (): void => {
    for (const end of ends.splice(0)) end();
  };
  session.onEnd(off);
  return {
    'Target.setAutoAttach': async (params) => {
      if (params['autoAttach'] !== true) {
        off();
        for (const id of [...attached]) detach(id);
        return {};
      }
      if (ends.length === 0) ends = [backend.onChildren(soon)];
      await refresh();
      return {};
    },
    'Target.getTargets': async () => ({ targetInfos: [] }),
  };
}
