import { expect, it } from 'vitest';
import { createHyperlinks, hasHyperlinks, runLinks } from '../../src/cli/hyperlinks.ts';
import { safeSink } from '../../src/cli/safe-sink.ts';

it.each<[string, Record<string, string>, boolean, boolean]>([
  ['an unknown terminal', { TERM: 'xterm-256color' }, true, false],
  ['no terminal', { TERM_PROGRAM: 'WezTerm' }, false, false],
  ['Gnome Terminal', { VTE_VERSION: '7600' }, true, true],
  ['an old VTE', { VTE_VERSION: '4600' }, true, false],
  ['iTerm2', { TERM_PROGRAM: 'iTerm.app', TERM_PROGRAM_VERSION: '3.5.4' }, true, true],
  ['Apple Terminal', { TERM_PROGRAM: 'Apple_Terminal', TERM_PROGRAM_VERSION: '455' }, true, false],
  ['tmux 3.4', { TERM: 'tmux-256color', TERM_PROGRAM: 'tmux', TERM_PROGRAM_VERSION: '3.4' }, true, true],
  ['screen within Gnome Terminal', { TERM: 'screen', VTE_VERSION: '7600' }, true, false],
  ['CI', { CI: 'true', VTE_VERSION: '7600' }, true, false],
  ['a dumb terminal', { TERM: 'dumb', VTE_VERSION: '7600' }, true, false],
  ['NO_HYPERLINK', { VTE_VERSION: '7600', NO_HYPERLINK: '1' }, true, false],
  ['FORCE_HYPERLINK', { FORCE_HYPERLINK: '1' }, false, true],
  ['FORCE_HYPERLINK=0', { FORCE_HYPERLINK: '0', VTE_VERSION: '7600' }, true, false],
])('%s supports links or not', (_, env, isTTY, expected) => {
  expect(hasHyperlinks(env, isTTY)).toBe(expected);
});

it('output keeps our own links, but no link inside a name', () => {
  const links = createHyperlinks();
  let out = '';
  const sink = safeSink({ write: (text) => (out += text) }, { links });
  const own = links.link('run 1', 'https://firedrill.example.com/runs/1');
  sink.write(own);
  expect(out).toBe(own);
  out = '';
  sink.write('\u001b]8;;https://evil.example.com\u001b\\click\u001b]8;;\u001b\\');
  expect(out).toContain('\\u001b]8;;https://evil.example.com');
});

it('links a run to its page when there are pages, and a file to its path', () => {
  const links = createHyperlinks();
  const io = { links, cwd: '/srv' };
  expect(runLinks(io, 'https://f.example.com').run('r1', 'r1')).toContain(';https://f.example.com/runs/r1\u001b');
  expect(runLinks(io, undefined).run('r1', 'r1')).toBe('r1');
  expect(runLinks(io, undefined).file('a b.yaml', 'drills/a b.yaml')).toContain(';file:///srv/drills/a%20b.yaml\u001b');
  expect(runLinks(io, 'https://f.example.com').drill('a', 'a b', '/srv/a.yaml')).toContain('/drills/a%20b\u001b');
  expect(runLinks(io, undefined).drill('a', 'a', '/srv/drills/a.yaml')).toContain(';file:///srv/drills/a.yaml\u001b');
  expect(runLinks(io, undefined).drill('a', 'a', undefined)).toBe('a');
  expect(runLinks({ links: undefined, cwd: '/srv' }, 'https://f.example.com').run('r1', 'r1')).toBe('r1');
});
