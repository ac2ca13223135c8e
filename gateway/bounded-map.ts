/** A map with a bound, in entries and in what they weigh: those that were not used for the longest time make room. */

export class BoundedMap<K, V> {
  private readonly entries = new Map<K, V>();
  private weight = 0;

  /** @param most of all entries together  @param weigh an entry, always the same for the same one */
  constructor(
    private readonly limit: number,
    private readonly most = Number.POSITIVE_INFINITY,
    private readonly weigh: (key: K, value: V) => number = () => 0,
  ) {}

  get(key: K): V | undefined {
    const value = this.entries.get(key);
    // a Map keeps the order of insertion: the newest use goes last; while there is ample room nothing will be dropped
    const isFilling = this.entries.size * 2 > this.limit || this.weight * 2 > this.most;
    if (value !== undefined && isFilling) {
      this.entries.delete(key);
      this.entries.set(key, value);
    }
    return value;
  }

  set(key: K, value: V): void {
    this.delete(key);
    this.entries.set(key, value);
    this.weight += this.weigh(key, value);
    for (const oldest of this.entries.keys()) {
      if (this.entries.size <= this.limit && this.weight <= this.most) return;
      this.delete(oldest);
    }
  }

  delete(key: K): void {
    const value = this.entries.get(key);
    if (value !== undefined) this.weight -= this.weigh(key, value);
    this.entries.delete(key);
  }

  clear(): void {
    this.entries.clear();
    this.weight = 0;
  }

  get size(): number {
    return this.entries.size;
  }

  [Symbol.iterator](): IterableIterator<[K, V]> {
    return this.entries[Symbol.iterator]();
  }
}
