// SPDX-License-Identifier: MIT
// The entry module of our own page over the front end's parts: Console, Sources, Performance and Memory, which have a meaning for a driver,
// and nothing of web pages.

export const ENTRY = `// SPDX-License-Identifier: MIT
import '../shell/shell.js';
import '../../panels/emulation/emulation-meta.js';
import '../../panels/timeline/timeline-meta.js';
import '../../panels/mobile_throttling/mobile_throttling-meta.js';
import '../../panels/sensors/sensors-meta.js';
import '../inspector_main/inspector_main-meta.js';
import '../inspector_main/inspector_main.js';
import * as UI from '../../ui/legacy/legacy.js';
import * as Root from '../../core/root/root.js';
import * as Main from '../main/main.js';
UI.ViewManager.registerViewExtension({
  location: 'navigator-view',
  id: 'navigator-network',
  title: () => 'Driver',
  commandPrompt: () => 'Show driver',
  order: 2,
  persistence: 'permanent',
  loadView: async () => (await import('../../panels/sources/sources.js')).SourcesNavigator.NetworkNavigatorView.instance(),
});
self.runtime = Root.Runtime.Runtime.instance({ forceNew: true });
new Main.MainImpl.MainImpl();
`;
