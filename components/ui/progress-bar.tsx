/** A bar that shows how many of `max` steps are done. */
export function ProgressBar(props: { label: string; value: number; max: number }) {
  const { label, value, max } = props;
  return (
    <progress
      aria-label={label}
      value={value}
      max={Math.max(1, max)}
      className="h-1.5 w-full appearance-none overflow-hidden rounded-full border-0 bg-sunken [&::-moz-progress-bar]:bg-accent [&::-webkit-progress-bar]:bg-sunken [&::-webkit-progress-value]:rounded-full [&::-webkit-progress-value]:bg-accent"
    />
  );
}
