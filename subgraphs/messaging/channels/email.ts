/** An e-mail that says something has come: no content, no title, no link, since those are what phishing looks like. */
import { say, type Text } from '../../../kernel/language';
import { canSendMail, MailRefused, sendMail } from '../../../kernel/mail';
import { type Channel, MessageChannel, NotDelivered } from './channel';

const SUBJECT: Text = { de: 'Neue Nachricht in Ihrem Postfach', en: 'New message in your mailbox' };
const BODY: Text = {
  de: `Guten Tag,

in Ihrem Postfach liegt eine neue Nachricht. Bitte melden Sie sich wie gewohnt an, um sie zu lesen.

Zu Ihrer Sicherheit enthält diese E-Mail weder den Inhalt noch einen Verweis. Bitte antworten Sie nicht darauf.`,
  en: `Hello,

There is a new message in your mailbox. Please sign in as usual to read it.

For your safety this e-mail contains neither the content nor a link. Please do not reply to it.`,
};

export const email: Channel = {
  name: MessageChannel.EMAIL,
  begins: 'AVAILABLE',
  takes: letter => letter.email !== null && canSendMail(),
  async deliver({ email: to, language, deliveryId }) {
    if (to === null) throw new NotDelivered('no address', true);
    try {
      const answered = await sendMail({
        to,
        subject: say(SUBJECT, language),
        text: say(BODY, language),
        id: deliveryId,
        language,
      });
      return { detail: answered };
    } catch (error) {
      if (error instanceof MailRefused) throw new NotDelivered(error.detail, error.permanent);
      throw error;
    }
  },
};
