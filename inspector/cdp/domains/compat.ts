// SPDX-License-Identifier: MIT
// Methods that front ends call without need of an answer, and the description of a page that does not exist: without it the Performance
// panel of a page's front end does not start.
import type { Method } from '../connection.js';

export function compatDomain(url: string): Record<string, Method> {
  const empty: Method = () => ({});
  const frame = { id: 'driver', loaderId: 'driver', url, securityOrigin: url, mimeType: 'text/plain' };
  return {
    'Profiler.enable': empty,
    'Profiler.disable': empty,
    'HeapProfiler.enable': empty,
    'HeapProfiler.disable': empty,
    'Log.enable': empty,
    'Log.disable': empty,
    'Page.enable': empty,
    'Page.getResourceTree': () => ({ frameTree: { frame, resources: [] } }),
    'Page.getNavigationHistory': () => ({
      currentIndex: 0,
      entries: [{ id: 1, url, userTypedURL: url, title: 'driver', transitionType: 'typed' }],
    }),
    'Target.setDiscoverTargets': empty,
    'Target.setRemoteLocations': empty,
    // A child has none of its own; targetDomain() answers for the root.
    'Target.setAutoAttach': empty,
    'NodeWorker.enable': empty,
    'NodeRuntime.enable': empty,
  };
}
