// Appends a line when it holds the lock and one when it lets it go: `lock-child LOCK JOURNAL HOLD_MS`; 0 holds for ever.
import { appendFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { withLock } from '../../../src/engine/base/lock.ts';

// As the command line does.
process.on('SIGTERM', () => process.exit(130));
const [, , lock = '', journal = '', hold = '0'] = process.argv;
await withLock(
  lock,
  {
    label: 'testing',
    context: { onNotice: (text) => process.stdout.write(`${text}\n`), signal: new AbortController().signal },
  },
  async () => {
    await appendFile(journal, `+${process.pid}\n`);
    await sleep(hold === '0' ? 1e9 : Number(hold));
    await appendFile(journal, `-${process.pid}\n`);
  },
);
