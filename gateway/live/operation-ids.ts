/**
 * The ids of the operations on one socket. A client may use an id again the moment after it has completed its operation, while
 * the server still ends that one: so each operation has a name of its own here, and what ended is not heard any more.
 */
import { MessageType } from 'graphql-ws';

/** As graphql-ws writes what it sends. */
const SENT = /^\{"id":"(#\d+)","type":"(\w+)"/;

export class OperationIds {
  private readonly names = new Map<string, string>();
  private readonly ids = new Map<string, string>();
  private count = 0;

  /** @returns a client's message for the server, as text or as it was read; null when an operation of its id runs already */
  received(text: string): string | object | null {
    let message: { readonly type?: unknown; readonly id?: unknown } | null;
    try {
      message = JSON.parse(text) as typeof message;
    } catch {
      return text; // graphql-ws says what is wrong with it
    }
    const { type, id } = message ?? {};
    if (typeof id !== 'string' || id === '') return text;
    if (type === MessageType.Complete) return { ...message, id: this.end(id) ?? id };
    if (type !== MessageType.Subscribe) return text;
    return this.names.has(id) ? null : { ...message, id: this.begin(id) };
  }

  /** @returns the server's message for the client; null when its operation has ended */
  sent(text: string): string | null {
    const [head, name, type] = SENT.exec(text) ?? [];
    if (!head || !name) return text;
    const id = this.ids.get(name);
    if (id === undefined) return null;
    if (type !== MessageType.Next) this.end(id);
    return `{"id":${JSON.stringify(id)},"type":"${type}"${text.slice(head.length)}`;
  }

  private begin(id: string): string {
    const name = `#${this.count++}`;
    this.names.set(id, name);
    this.ids.set(name, id);
    return name;
  }

  private end(id: string): string | undefined {
    const name = this.names.get(id);
    this.names.delete(id);
    if (name) this.ids.delete(name);
    return name;
  }
}
