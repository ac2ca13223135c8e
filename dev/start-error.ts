/** Something that keeps development services from starting and that the user can put right. */

/** Its message is one sentence, fit to be shown as it is. */
export class StartError extends Error {
  override readonly name = 'StartError';
}
