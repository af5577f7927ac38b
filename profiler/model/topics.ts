// SPDX-License-Identifier: MIT
// What topics (profiler/topics) found out, beside the calls. A profile holds their results without knowing any topic: a topic's
// key brings the type of its result along.

export interface TopicKey<T> {
  readonly name: string;
  /** Only a type: nothing is there at run time. */
  readonly result?: T;
}

/** One key a topic, made in its stats.ts. */
export function topicKey<T>(name: string): TopicKey<T> {
  return { name };
}

export class TopicResults {
  private readonly results = new Map<TopicKey<unknown>, unknown>();

  set<T>(key: TopicKey<T>, result: T): void {
    this.results.set(key, result);
  }

  /** @throws RangeError for a topic that this profile was not read with: the mistake of a program, not of its input. */
  get<T>(key: TopicKey<T>): T {
    if (!this.results.has(key)) throw new RangeError(`the profile was read without the topic ${key.name}`);
    return this.results.get(key) as T;
  }
}
