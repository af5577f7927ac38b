// SPDX-License-Identifier: MIT
import t from 'tap';
import { profileFromTrace } from '../../../profiler/topics/load.js';
import { renderHtml } from '../../../profiler/report/index.js';
import { networkTrace } from '../fixtures/network-driver.js';
import { SyntheticTrace } from '../fixtures/synthetic-trace.js';
import { napiStats } from '../../../profiler/topics/napi/stats.js';

t.test('one file that needs nothing else', async (t) => {
  const html = renderHtml(profileFromTrace(networkTrace({ packets: 100, bugs: { lostReraise: true } }).trace()));
  t.notMatch(html, /<(script|link|img)|https?:|@import|url\(/, 'nothing is fetched');
  t.match(html, 'kind: napi-stalled');
  for (const name of ['e1000e_poll', 'napi_gro_receive', 'softirq NET_RX']) t.match(html, name);
  const widths = [...html.matchAll(/left:([\d.]+)%;width:([\d.]+)%/g)].map(([, l, w]) => Number(l) + Number(w));
  t.ok(widths.length > 10 && widths.every((w) => w <= 100.01), `${widths.length} frames, none beyond the edge`);
  for (const tag of ['table', 'tr', 'div', 'pre', 'h2', 'figure', 'svg', 'text', 'title']) {
    const opens = html.match(new RegExp(`<${tag}[ >]`, 'g'))?.length;
    t.equal(html.match(new RegExp(`</${tag}>`, 'g'))?.length, opens, `every <${tag}> is closed`);
  }
});

t.test('pictures: each where there is something to show', async (t) => {
  const profile = profileFromTrace(networkTrace({ packets: 100 }).trace());
  const html = renderHtml(profile);
  const captions = [...html.matchAll(/<figcaption>([^<]*)/g)].map(([, text]) => text as string);
  for (const what of [
    /^irq 24 e1000_intr_msix_rx: signal/,
    /^irq 24 .*raise -&gt; softirq/,
    /^softirq NET_RX/,
    /^e1000e_poll: packets a poll \(budget 64/,
    /^DMA mappings alive/,
    /^bytes mapped for DMA/,
    /^lifetime of a DMA mapping/,
    /busiest registers over time/,
  ]) {
    t.ok(
      captions.some((c) => what.test(c)),
      String(what),
    );
  }
  const bars = html.split('packets a poll')[1]?.split('</figure>')[0] ?? '';
  const polls = [...bars.matchAll(/<title>([\d,]+): /g)].reduce(
    (sum, [, n]) => sum + Number(n?.replaceAll(',', '')),
    0,
  );
  t.equal(polls, profile.topics.get(napiStats)[0]?.polls, 'the bars hold every poll');
  t.notMatch(html, /NaN|Infinity|undefined/);
  t.notMatch(renderHtml(profileFromTrace(new SyntheticTrace().trace())), '<svg', 'nothing, no pictures');
});

t.test('names cannot break it, and nothing is no fault', async (t) => {
  const s = new SyntheticTrace();
  s.use(s.thread('<b>&"', 'workload'));
  s.call(s.site('a<script>', 'driver'), 1000);
  t.notMatch(renderHtml(profileFromTrace(s.trace())), /<script>|<b>/);
  t.match(renderHtml(profileFromTrace(new SyntheticTrace().trace())), 'No findings');
});
