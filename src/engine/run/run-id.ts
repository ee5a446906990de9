/**
 * An id for a new run: sortable by time, readable, and unlikely twice: `20261123-1642-lenet-k3f9`.
 * @param now UTC is taken
 * @param random uniform in [0, 1)
 */
export function newRunId(network: string, now: Date = new Date(), random: () => number = Math.random): string {
  const time = now.toISOString().replace(/[-:]/g, '');
  const name = network
    .toLowerCase()
    .replace(/\.[a-z]+$/, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40);
  const tail = Array.from({ length: 4 }, () => alphabet[Math.floor(random() * alphabet.length)]).join('');
  return `${time.slice(0, 8)}-${time.slice(9, 13)}-${name || 'network'}-${tail}`;
}

/** Without characters that are easily mistaken for one another. */
const alphabet = 'abcdefghjkmnpqrstuvwxyz23456789';
