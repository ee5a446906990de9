/** A user without a name, to whom only what everybody may do is allowed. */
const ordinary = 65_534;

/**
 * Does something as a user whom permissions bind. The superuser, as whom tests run in a container, is one for as long.
 * What is to be reached must be open to everybody, its folders too.
 */
export async function asOrdinaryUser<T>(what: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return what();
  process.seteuid?.(ordinary);
  try {
    return await what();
  } finally {
    process.seteuid?.(0);
  }
}
