interface BlockingHandle {
  setBlocking: (isBlocking: boolean) => number;
}

function handleOf(stream: NodeJS.WriteStream): BlockingHandle | undefined {
  const handle = (stream as unknown as { _handle?: Partial<BlockingHandle> | null })._handle;
  return typeof handle?.setBlocking === 'function' ? (handle as BlockingHandle) : undefined;
}

/**
 * Makes writes to a terminal asynchronous. Node writes to terminals synchronously, so that one that takes no data
 * (Ctrl-S, a stalled SSH connection) would stop the whole process inside `write`. Node has no public way to ask for
 * this; where its handle has no `setBlocking`, nothing changes.
 * @returns undoes it, so that the last words before exit are not lost
 */
export function nonblockingStdout(stream: NodeJS.WriteStream): () => void {
  if (!stream.isTTY || handleOf(stream)?.setBlocking(false) !== 0) return () => undefined;
  return () => {
    handleOf(stream)?.setBlocking(true);
  };
}
