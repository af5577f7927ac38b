/* IMPORTANT
 * This snapshot file is auto-generated, but designed for humans.
 * It should be checked into source control and tracked carefully.
 * Re-generate by setting TAP_SNAPSHOT=1 and running tests.
 * Make sure to inspect the output below.  Do not ignore changes!
 */
'use strict'
exports[`test/profiler/report/render.test.ts > TAP > text > callers 1`] = `
e1000e ping
  2.69 ms, virtual CPU busy 13.2 %, 4 threads, 2,481 calls
  8,835 events produced = 7,601 recorded + 1,234 lost in 1 gap

Callers and callees of e1000_alloc_rx_buffers
          function              calls    total
  caller  e1000e_poll             105  43.9 us
  caller  e1000_open                1  7.18 us
  callee  dma_map_single_attrs    502  40.6 us

`

exports[`test/profiler/report/render.test.ts > TAP > text > the summary 1`] = `
e1000e ping
  2.69 ms, virtual CPU busy 13.2 %, 4 threads, 2,481 calls
  8,835 events produced = 7,601 recorded + 1,234 lost in 1 gap

Kernel API calls
  function                calls    total     self     p50     p99     max   share
  napi_gro_receive          438  87.1 us  87.1 us  195 ns  249 ns  249 ns  24.5 %
  dma_map_single_attrs      602  48.8 us  48.8 us   81 ns   81 ns   82 ns  13.7 %
  dma_unmap_single_attrs    602  30.1 us  30.1 us   50 ns   50 ns   50 ns   8.5 %
  __napi_alloc_skb          107  9.63 us  9.63 us   90 ns   90 ns   90 ns   2.7 %
  unregister_netdev           1   500 ns   500 ns  500 ns  500 ns  500 ns   0.1 %

Driver functions
  function                calls    total     self      p50      p99      max   share
  e1000e_poll               105   198 us  21.0 us  1.44 us  23.9 us  23.9 us  55.7 %
  e1000_clean_rx_irq        105   134 us  14.9 us   911 ns  17.9 us  18.5 us  37.5 %
  e1000_alloc_rx_buffers    106  51.0 us  10.4 us   327 ns  5.25 us  7.18 us  14.3 %
  e1000_xmit_frame          100  38.1 us  30.0 us   380 ns   380 ns   382 ns  10.7 %
  e1000_intr_msix_rx        100  20.0 us  20.0 us   200 ns   200 ns   200 ns   5.6 %
  e1000_watchdog_task         4  12.0 us  12.0 us  3.00 us  3.00 us  3.00 us   3.4 %
  e1000_open                  1  11.2 us  4.00 us  11.2 us  11.2 us  11.2 us   3.1 %
  e1000_remove                1  9.70 us  1.00 us  9.70 us  9.70 us  9.70 us   2.7 %

Interrupts
  irq  handler             count    total     p50     p99  wait p50  p99  max/ms  unclaimed
   24  e1000_intr_msix_rx    100  25.0 us  250 ns  250 ns         -    -      37          0
  wait: from the signal on the host to the handler

Softirqs
  softirq  raised  runs   total      p50      p99      max  wait p50     p99
  NET_RX      104   105  198 us  1.44 us  23.9 us  23.9 us    200 ns  200 ns
  wait: from raise to run

NAPI
  poll function  device  scheduled  polls  packets  p50  max  completed  full  empty
  e1000e_poll                  100    105      438    3   64        103     2      0
  p50 and max: packets a poll; full: polls that used up their budget

DMA
  direction    maps  unmaps    mapped  live  live bytes  most live
  to-device     100     100  9.57 KiB     0         0 B         41
  from-device   502     502   746 KiB     0         0 B        124
  coherent        1       1  4.00 KiB     0         0 B          1
  lifetime p50 541 us, p99 1.08 ms; 0 syncs; 0 B copied; 0 faults
  live mappings over time |▃▃▃▄▄▄▄▄▄▄▄▄▅▅▅▅▅▅▅▅▅▅▆▆▆▆▆▆▆▆▆▆▆▇▇▇▇▇▇▇▇▇██████| at most 165
  mapped bytes over time  |▄▄▄▄▄▄▄▄▄▄▄▄▄▅▅▅▅▅▅▅▅▅▅▆▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇█████| at most 192 KiB

DMA by call site
  function                direction    maps  unmaps    mapped  live  live bytes  most live
  e1000_alloc_rx_buffers  from-device   429     429   638 KiB     0         0 B        121
  e1000_xmit_frame        to-device     100     100  9.57 KiB     0         0 B         41
  e1000_alloc_rx_buffers  from-device    64      64  95.1 KiB     0         0 B         64
  e1000_alloc_rx_buffers  from-device     9       9  13.4 KiB     0         0 B          3
  e1000_open              coherent        1       1  4.00 KiB     0         0 B          1

virt_to_phys by caller
  caller                  calls    total   mean
  e1000_alloc_rx_buffers    502  10.8 us  21 ns
  e1000_xmit_frame          100  2.16 us  22 ns
  602 calls, 12.9 us; p50 21 ns, p99 23 ns, max 23 ns

virt_to_phys by live DMA mappings
  mappings from  calls   mean
  0                  1  22 ns
  2                  2  21 ns
  4                  4  21 ns
  8                  8  22 ns
  16                16  22 ns
  32                57  22 ns
  64               366  22 ns
  128              148  22 ns

Threads
  thread        tid  role       on CPU   share  blocked  switches  calls
  workload     1001  workload   337 us  12.5 %  2.35 ms       107  2,432
  swapper      1000  idle      40.0 us   1.5 %  2.64 ms       100      0
  kworker/0:1  1002  work      13.6 us   0.5 %  2.64 ms         4      8
  ksoftirqd/0  1003  softirq   5.73 us   0.2 %  2.65 ms         3     41

`
