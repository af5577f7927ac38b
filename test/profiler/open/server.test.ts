// SPDX-License-Identifier: MIT
import { existsSync, readdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { dirname, join } from 'node:path';
import t from 'tap';
import { openProfile, type ProfileServer, serveProfiles } from '../../../profiler/open/index.js';

interface Reply {
  status: number;
  body: string;
  type: string;
}

function get(port: number, path: string, method = 'GET', host?: string): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const headers = host === undefined ? {} : { host };
    const r = request({ host: '127.0.0.1', port, path, method, headers }, (response) => {
      let body = '';
      response.setEncoding('latin1');
      response.on('data', (d: string) => {
        body += d;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body, type: response.headers['content-type'] ?? '' }),
      );
    });
    r.on('error', reject);
    r.end();
  });
}

t.test('serves the app and the profiles, and nothing else', async (t) => {
  const dir = t.testdir({ 'callgrind.out.1': 'events: Ir\n' });
  const server = await serveProfiles([
    { source: Buffer.from('{"a":1}'), title: 'one & two' },
    { source: join(dir, 'callgrind.out.1'), title: 'cg & co' },
    { source: join(dir, 'missing'), title: 'gone' },
  ]);
  t.teardown(() => server.close());
  const url = new URL(server.url);
  t.match(
    url.hash,
    /^#profileURL=http%3A%2F%2F127\.0\.0\.1%3A\d+%2F[0-9a-f]{32}%2Fprofile%2F0%2Fprofile\.speedscope\.json$/,
  );
  t.match(server.urls[1], /&title=cg%20%26%20co$/, 'a foreign file is shown under a title');
  const base = url.pathname;
  const app = await get(server.port, base);
  t.equal(app.status, 200);
  t.match(app.type, 'text/html');
  const profile = (i: number): string =>
    new URL(new URLSearchParams(new URL(server.urls[i] ?? '').hash.slice(1)).get('profileURL') ?? '').pathname;
  t.match(await get(server.port, profile(0)), { status: 200, body: '{"a":1}', type: 'application/json' });
  t.match(await get(server.port, profile(1)), { status: 200, body: 'events: Ir\n' });
  t.match(profile(1), /\/callgrind\.out\.1$/, 'by its own name, by which speedscope knows the format');
  t.match(await get(server.port, profile(2)), { status: 404 });
  t.match(await get(server.port, profile(0), 'HEAD'), { status: 200, body: '' });

  t.equal((await get(server.port, '/')).status, 404, 'without the token');
  t.equal((await get(server.port, `/${'0'.repeat(32)}/`)).status, 404, 'with a wrong token');
  t.equal((await get(server.port, base, 'POST')).status, 405);
  t.equal((await get(server.port, base, 'GET', 'evil.example')).status, 403, 'under another host name');
  t.equal((await get(server.port, base, 'GET', `localhost:${server.port}`)).status, 200);
  for (const path of [
    '../package.json',
    '..%2f..%2fpackage.json',
    '%2e%2e/package.json',
    '%00',
    '%zz',
    'profile/9/x',
    '/etc/passwd',
  ]) {
    const { status } = await get(server.port, `${base}${path}`);
    t.ok(status === 404 || status === 400, `${path}: ${status}`);
  }
});

t.test('openProfile serves until told to end', async (t) => {
  const abort = new AbortController();
  let server: ProfileServer | undefined;
  const done = openProfile([{ source: Buffer.from('{}'), title: 'x' }], {
    browser: false,
    signal: abort.signal,
    onReady: (s) => {
      server = s;
    },
  });
  while (server === undefined) await new Promise((r) => setTimeout(r, 5));
  t.equal((await get(server.port, new URL(server.url).pathname)).status, 200);
  abort.abort();
  await done;
  await t.rejects(get(server.port, '/'), 'the port is closed');
});

/** The browser's command line can be read by all users of the machine. */
t.test('the address is not on the command line of the browser', async (t) => {
  const abort = new AbortController();
  let server: ProfileServer | undefined;
  let target = '';
  const done = openProfile([{ source: Buffer.from('{}'), title: 'x' }], {
    signal: abort.signal,
    onReady: (s) => {
      server = s;
    },
    start: async (page) => {
      target = page;
      return { once: () => undefined };
    },
  });
  while (target === '') await new Promise((r) => setTimeout(r, 5));
  t.notMatch(target, new URL(server?.url ?? '').pathname.split('/')[1], 'no token');
  t.equal(statSync(target).mode & 0o777, 0o600);
  t.equal(statSync(dirname(target)).mode & 0o777, 0o700);
  const [, leads] = /url=([^"]+)"/.exec(readFileSync(target, 'utf8')) ?? [];
  t.equal(leads?.replaceAll('&amp;', '&'), server?.url, 'the page leads there');
  abort.abort();
  await done;
  t.notOk(existsSync(target), 'it is gone at the end');
});

t.test('a download that is broken off leaves no descriptor', async (t) => {
  const file = join(t.testdir({}), 'big');
  writeFileSync(file, Buffer.alloc(32 << 20));
  const server = await serveProfiles([{ source: file, title: 'big' }]);
  t.teardown(() => server.close());
  const open = (): number =>
    readdirSync('/proc/self/fd').filter((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`) === file;
      } catch {
        return false;
      }
    }).length;
  const path = new URL(new URLSearchParams(new URL(server.url).hash.slice(1)).get('profileURL') ?? '').pathname;
  for (let i = 0; i < 5; i++) {
    await new Promise<void>((resolve) => {
      const r = request({ host: '127.0.0.1', port: server.port, path }, (response) => {
        response.once('data', () => {
          r.destroy();
          resolve();
        });
      });
      r.on('error', () => undefined);
      r.end();
    });
  }
  const end = Date.now() + 3000;
  while (open() > 0 && Date.now() < end) await new Promise((r) => setTimeout(r, 20));
  t.equal(open(), 0);
});
