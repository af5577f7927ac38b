// SPDX-License-Identifier: MIT
import type { Profile } from '../../model/index.js';
import { count, summary, type Table } from '../../show/index.js';
import type { TopicTable } from '../contract.js';
import { matching } from '../matching.js';
import { napiStats } from './stats.js';

function napiData(profile: Profile) {
  return profile.topics.get(napiStats).map((n) => ({
    name: n.name,
    device: n.device,
    budget: n.budget,
    scheduled: n.scheduled,
    polls: n.polls,
    work: n.work,
    completed: n.completed,
    budgetExhausted: n.budgetExhausted,
    empty: n.empty,
    workPerPoll: summary(n.workHistogram),
    workHistogram: n.workHistogram.octaves(),
  }));
}

function tableOf(profile: Profile, match?: (name: string) => boolean): Table {
  return {
    title: 'NAPI',
    columns: [
      { head: 'poll function', left: true },
      { head: 'device', left: true },
      { head: 'scheduled' },
      { head: 'polls' },
      { head: 'packets' },
      { head: 'p50' },
      { head: 'max' },
      { head: 'completed' },
      { head: 'full' },
      { head: 'empty' },
    ],
    rows: matching(napiData(profile), match).map((n) => [
      n.name,
      n.device,
      count(n.scheduled),
      count(n.polls),
      count(n.work),
      String(n.workPerPoll.p50),
      String(n.workPerPoll.max),
      count(n.completed),
      count(n.budgetExhausted),
      count(n.empty),
    ]),
    notes:
      profile.topics.get(napiStats).length === 0
        ? []
        : ['p50 and max: packets a poll; full: polls that used up their budget'],
  };
}

export const napiTable: TopicTable = {
  name: 'napi',
  summary: true,
  showsAll: true,
  data: napiData,
  tables: (profile, _, { match }) => [tableOf(profile, match)],
};
