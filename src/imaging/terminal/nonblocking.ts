interface BlockingHandle {
  setBlocking: (isBlocking: boolean) => number;
}

function handleOf(stream: object): BlockingHandle | undefined {
  const handle = (stream as unknown as { _handle?: Partial<BlockingHandle> | null })._handle;
  return typeof handle?.setBlocking === 'function' ? (handle as BlockingHandle) : undefined;
}

/**
 * Makes writes to a terminal or a pipe asynchronous. Node writes to them synchronously, so that one that takes no data
 * (Ctrl-S, a stalled SSH connection, a reader that is stopped) would hold the whole process inside `write`, deaf to
 * signals. Node has no public way to ask for this; where its handle has no `setBlocking`, nothing changes.
 * @returns undoes it, so that the last words before exit are not lost
 */
export function nonblocking(stream: NodeJS.WriteStream): () => void {
  if (handleOf(stream)?.setBlocking(false) !== 0) return () => undefined;
  return () => blocking(stream);
}

/** Makes a terminal or a pipe wait again, as it does for those who have it after us. */
export const blocking = (stream: object): void => void handleOf(stream)?.setBlocking(true);
