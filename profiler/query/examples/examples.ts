// SPDX-License-Identifier: MIT
// Ready queries: a question in words, and its SQL. All of them run in the tests.

export interface Example {
  readonly name: string;
  readonly question: string;
  readonly sql: string;
}

export const EXAMPLES: readonly Example[] = [
  {
    name: 'slowest-functions',
    question: 'Which functions cost the most time in themselves?',
    sql: `SELECT name, category, calls, self, p50, p99 FROM function_stats ORDER BY self DESC LIMIT 20`,
  },
  {
    name: 'tail-latency',
    question: 'Which functions are usually fast and sometimes slow: p99 over ten times p50?',
    sql: `SELECT name, calls, p50, p99, max FROM function_stats
WHERE calls >= 100 AND p99 > 10 * p50 ORDER BY p99 DESC LIMIT 20`,
  },
  {
    name: 'slowest-calls',
    question: 'Which single calls of the driver took longest, when and on which thread?',
    sql: `SELECT ts, dur, self_dur, name, thread_name FROM thread_slice
WHERE category = 'driver' ORDER BY dur DESC LIMIT 20`,
  },
  {
    name: 'callers',
    question: 'Who calls the kernel function that costs the driver the most?',
    sql: `SELECT caller, callee, calls, total FROM call_edge
WHERE callee = (SELECT name FROM function_stats WHERE category = 'kernel API' ORDER BY total DESC LIMIT 1)
ORDER BY total DESC`,
  },
  {
    name: 'dma-outlives-interrupt',
    question: 'Which DMA mappings lived longer than the run of the softirq that ended them?',
    sql: `SELECT m.id, m.ts, m.dur, m.size, m.dir, m.caller, s.ts AS softirq_ts, s.dur AS softirq_dur
FROM dma_mapping m ASOF JOIN softirq s ON m.recording = s.recording AND m.end_utid = s.utid AND m.end_ts >= s.ts
WHERE m.end_ts <= s.ts + s.dur AND m.dur > s.dur ORDER BY m.dur DESC LIMIT 20`,
  },
  {
    name: 'dma-lifetime',
    question: 'How long do DMA mappings live, by direction and the place that made them?',
    sql: `SELECT dir, split_part(caller, '+', 1) AS made_in, count(*) AS mappings, sum(size) AS bytes,
  quantile_disc(dur, 0.5) AS p50, quantile_disc(dur, 0.99) AS p99, max(dur) AS max
FROM dma_mapping GROUP BY ALL ORDER BY mappings DESC`,
  },
  {
    name: 'dma-alive',
    question: 'Which DMA mappings were never ended?',
    sql: `SELECT ts, size, dir, kind, caller FROM dma_mapping WHERE dur IS NULL ORDER BY ts LIMIT 50`,
  },
  {
    name: 'dma-mismatch',
    question: 'Which DMA mappings were ended with another size or direction than they were made with?',
    sql: `SELECT ts, end_ts, size, end_size, dir, end_dir, caller, end_caller FROM dma_mapping
WHERE dur IS NOT NULL AND NOT coherent AND (size <> end_size OR dir <> end_dir) ORDER BY ts LIMIT 50`,
  },
  {
    name: 'irq-latency',
    question: 'How long from the signal of the host to the interrupt handler, and how long does the handler take?',
    sql: `SELECT irq, handler, count(*) AS runs, count(*) FILTER (handled) AS handled, quantile_disc(latency, 0.5) AS latency_p50,
  quantile_disc(latency, 0.99) AS latency_p99, quantile_disc(dur, 0.5) AS dur_p50, max(dur) AS dur_max
FROM irq GROUP BY ALL ORDER BY runs DESC`,
  },
  {
    name: 'irq-rate',
    question: 'In which milliseconds did the most interrupts come?',
    sql: `SELECT irq, ts // 1000000 AS millisecond, count(*) AS interrupts FROM irq
GROUP BY ALL ORDER BY interrupts DESC LIMIT 20`,
  },
  {
    name: 'softirq-latency',
    question: 'How long do softirqs wait, and how long do they run?',
    sql: `SELECT vec, count(*) AS runs, sum(dur) AS total, quantile_disc(latency, 0.5) AS wait_p50,
  quantile_disc(latency, 0.99) AS wait_p99, quantile_disc(dur, 0.99) AS run_p99
FROM softirq GROUP BY ALL ORDER BY total DESC`,
  },
  {
    name: 'lost-softirq',
    question: 'After which NAPI polls that used up their budget did NET_RX not run within 10 ms?',
    sql: `SELECT p.ts, p.poll, p.work, p.budget FROM napi_poll p JOIN recording_info r USING (recording)
WHERE p.work >= p.budget AND p.budget > 0 AND p.ts + 10000000 < r.dur AND NOT EXISTS (
  SELECT 1 FROM softirq s WHERE s.recording = p.recording AND s.vec = 'NET_RX' AND s.ts > p.ts AND s.ts < p.ts + 10000000)
ORDER BY p.ts LIMIT 20`,
  },
  {
    name: 'napi-work',
    question: 'How many packets does a poll take, and how often is its budget used up?',
    sql: `SELECT poll, count(*) AS polls, sum(work) AS packets, avg(work) AS mean, count(*) FILTER (work >= budget) AS budget_used_up,
  count(*) FILTER (work = 0) AS empty FROM napi_poll GROUP BY ALL ORDER BY packets DESC`,
  },
  {
    name: 'register-traffic',
    question: 'Which registers does the driver touch, from where?',
    sql: `SELECT region, printf('0x%x', "offset") AS at, register, split_part(caller, '+', 1) AS function,
  count(*) FILTER (NOT write) AS reads, count(*) FILTER (write) AS writes
FROM mmio GROUP BY ALL ORDER BY reads + writes DESC LIMIT 30`,
  },
  {
    name: 'busy-wait',
    question: 'Where does the driver read one register again and again?',
    sql: `WITH reads AS (
  SELECT *, count(*) FILTER (fresh) OVER (PARTITION BY recording, utid ORDER BY id) AS loop FROM (
    SELECT *, lag("offset") OVER w IS DISTINCT FROM "offset" OR lag(write) OVER w OR ts - lag(ts) OVER w > 200000 AS fresh
    FROM mmio WINDOW w AS (PARTITION BY recording, utid ORDER BY id)))
SELECT region, printf('0x%x', any_value("offset")) AS at, any_value(register) AS register, any_value(caller) AS caller,
  count(*) AS reads, max(ts) - min(ts) AS dur
FROM reads WHERE NOT write GROUP BY recording, utid, loop, region HAVING count(*) >= 16 ORDER BY dur DESC LIMIT 20`,
  },
  {
    name: 'lock-holds',
    question: 'Which locks are held longest, and who waits for them?',
    sql: `SELECT printf('0x%x', address) AS lock, "function", source, count(*) AS times, sum(wait_dur) AS waited,
  max(wait_dur) AS longest_wait, sum(hold_dur) AS held, max(hold_dur) AS longest_hold
FROM lock GROUP BY ALL ORDER BY held DESC NULLS LAST LIMIT 20`,
  },
  {
    name: 'allocations',
    question: 'Who allocates the most memory, and how much of it is never freed?',
    sql: `SELECT source, "function", count(*) AS allocations, sum(size) AS bytes, count(*) FILTER (dur IS NULL) AS alive,
  coalesce(sum(size) FILTER (dur IS NULL), 0) AS alive_bytes, quantile_disc(dur, 0.5) AS lifetime_p50
FROM allocation GROUP BY ALL ORDER BY bytes DESC LIMIT 20`,
  },
  {
    name: 'packet-path',
    question: 'How long does a received packet take from the interrupt to the core?',
    sql: `SELECT irq, count(*) AS packets, quantile_disc(total, 0.5) AS p50, quantile_disc(total, 0.99) AS p99, max(total) AS max
FROM packet_path GROUP BY ALL ORDER BY packets DESC`,
  },
  {
    name: 'blocked',
    question: 'Which threads wait, and for how long at a time?',
    sql: `SELECT t.name, t.role, s.state, count(*) AS times, sum(s.dur) AS total, max(s.dur) AS longest
FROM thread_state s JOIN thread t USING (recording, utid) GROUP BY ALL ORDER BY total DESC LIMIT 20`,
  },
  {
    name: 'failed-calls',
    question: 'Which kernel functions returned an error to the driver?',
    sql: `SELECT s.name, a.int_value AS error, count(*) AS times, min(s.ts) AS first_ts
FROM args a JOIN slice s ON s.recording = a.recording AND s.id = a.arg_set_id
WHERE a.flat_key = 'ret' AND a.value_type = 'int' AND a.int_value BETWEEN -4095 AND -1
GROUP BY ALL ORDER BY times DESC LIMIT 20`,
  },
  {
    name: 'slowest-stack',
    question: 'Within which calls did the slowest call of a kernel function happen?',
    sql: `WITH RECURSIVE up AS (
  SELECT * FROM (SELECT recording, id, parent_id, depth, name, dur FROM slice WHERE category = 'kernel API' ORDER BY dur DESC LIMIT 1)
  UNION ALL
  SELECT p.recording, p.id, p.parent_id, p.depth, p.name, p.dur FROM slice p
  JOIN up ON p.recording = up.recording AND p.id = up.parent_id)
SELECT depth, name, dur FROM up ORDER BY depth DESC`,
  },
  {
    name: 'findings',
    question: 'What is wrong, and where in the source?',
    sql: `SELECT severity, title, "count", source, stack FROM finding ORDER BY id, ts`,
  },
];
