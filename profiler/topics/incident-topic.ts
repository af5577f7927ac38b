// SPDX-License-Identifier: MIT
// A topic without a result of its own: it puts down incidents, of which its rules make findings.

import { topicKey } from '../model/index.js';
import type { Topic, TopicContext } from '../read/index.js';

export function incidentTopic(name: string, hear: (context: TopicContext) => void): Topic<undefined> {
  return {
    key: topicKey<undefined>(name),
    always: true,
    collect(context) {
      hear(context);
      return { finish: () => undefined };
    },
  };
}
