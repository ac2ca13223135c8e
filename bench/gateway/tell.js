/** Loaded before a measured process: tells the benchmark on request how many microseconds of CPU it has used. */
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send(user + system);
});
process.on('disconnect', () => process.exit(0));
