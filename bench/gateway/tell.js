/** Loaded before a measured process: tells the benchmark on request how many microseconds of CPU it has used, and bytes of memory it holds. */
process.on('message', what => {
  const { user, system } = process.cpuUsage();
  process.send(what === 'memory' ? process.memoryUsage.rss() : user + system);
});
process.on('disconnect', () => process.exit(0));
