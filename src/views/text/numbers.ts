/** Decimals that show three significant digits of a column whose largest magnitude is given: 0..4. */
export function decimalsFor(largest: number): number {
  if (!(largest > 0) || !Number.isFinite(largest)) return 2;
  return Math.min(4, Math.max(0, 2 - Math.floor(Math.log10(largest))));
}

/** Whole numbers with a thin gap between thousands: `1 430`. */
export function grouped(value: number): string {
  if (!Number.isFinite(value)) return '–';
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+(?!\d))/g, ' ');
}

/** A share of 1 as a percentage: `2.1 %`. */
export const percent = (share: number, decimals = 1): string =>
  Number.isFinite(share) ? `${(100 * share).toFixed(decimals)} %` : '– %';

/** Time left, as a clock: `18:40`, `2:05:09`; days once there is one. */
export function clock(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return '--:--';
  const whole = Math.round(seconds);
  const two = (value: number): string => String(value).padStart(2, '0');
  if (whole >= 86_400) return `${Math.floor(whole / 86_400)} d ${Math.floor((whole % 86_400) / 3600)} h`;
  const hours = Math.floor(whole / 3600);
  const rest = `${two(Math.floor((whole % 3600) / 60))}:${two(whole % 60)}`;
  return hours > 0 ? `${hours}:${rest}` : rest;
}
