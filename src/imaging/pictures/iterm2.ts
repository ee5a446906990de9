/**
 * The sequence by which iTerm2 and its like draw a picture at the cursor, over exactly so many cells. Through term-img,
 * which knows some terminals by their environment and wraps for tmux; for those it does not know (over SSH, say) the
 * sequence is the same.
 */
export async function iterm2Sequence(
  png: Uint8Array,
  { columns, rows }: { columns: number; rows: number },
): Promise<string> {
  const { default: terminalImage } = await import('term-img');
  const ownSequence = (): string => {
    const data = Buffer.from(png);
    const size = `width=${columns};height=${rows};preserveAspectRatio=0;size=${data.length}`;
    return `\u001b]1337;File=inline=1;${size}:${data.toString('base64')}\u0007`;
  };
  return terminalImage(png, { width: columns, height: rows, preserveAspectRatio: false, fallback: ownSequence });
}
