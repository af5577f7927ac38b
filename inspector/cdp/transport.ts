// SPDX-License-Identifier: MIT

/** Whole messages from and to one client. */
export interface Transport {
  /** Set once by who owns the transport; messages before that wait. */
  onMessage: ((message: string) => void) | undefined;
  /** Called once, however it ended. */
  onEnd: (() => void) | undefined;
  send(message: string): void;
  /** Resolves when the client has taken most of what was sent, or is gone: wait for it between large messages. */
  drained(): Promise<void>;
  dispose(): void;
}
