// SPDX-License-Identifier: MIT
// What tools ask for before they connect: /json, /json/list, /json/version, /json/protocol.

export interface Discovery {
  readonly id: string;
  /** "dde-profile/0.1.0" */
  readonly browser: string;
  readonly title: () => string;
  readonly description: string;
  /** The target's own address: file:///.../driver */
  readonly targetUrl: string;
  /** Path and query of our own front end, without the leading slash; it is given `ws=`. */
  readonly frontEnd?: string;
  /** Goes behind the id in the addresses that front ends are given. */
  readonly frontEndPath?: string;
  readonly protocol: () => object;
}

function target(port: number, discovery: Discovery): object {
  const address = `127.0.0.1:${port}/${discovery.id}`;
  const { frontEnd, frontEndPath } = discovery;
  const page = frontEndPath === undefined ? address : `${address}/${frontEndPath}`;
  const bundled = `devtools://devtools/bundled/js_app.html?experiments=true&v8only=true&ws=${page}`;
  return {
    id: discovery.id,
    type: 'node',
    title: discovery.title(),
    description: discovery.description,
    url: discovery.targetUrl,
    faviconUrl: '',
    webSocketDebuggerUrl: `ws://${address}`,
    // Chromium opens only its own front end from chrome://inspect.
    devtoolsFrontendUrl: bundled,
    devtoolsFrontendUrlCompat: frontEnd === undefined ? bundled : `http://127.0.0.1:${port}/${frontEnd}?ws=${page}`,
  };
}

/** Undefined: not one of these paths. */
export function discover(path: string, port: number, discovery: Discovery): unknown {
  switch (path) {
    case '/json':
    case '/json/':
    case '/json/list':
    case '/json/list/':
      return [target(port, discovery)];
    case '/json/version':
    case '/json/version/':
      return { Browser: discovery.browser, 'Protocol-Version': '1.3' };
    case '/json/protocol':
    case '/json/protocol/':
      return discovery.protocol();
    default:
      return undefined;
  }
}
