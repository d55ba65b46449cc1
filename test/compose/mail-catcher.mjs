// Accepts every mail on port 1025 and prints it in full, as a JSON string on a line, like the public image of a mail
// catcher; for tests.
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';

const server = new SMTPServer({
  authOptional: true,
  disabledCommands: ['STARTTLS'],
  onData: (stream, _session, done) => {
    text(stream).then((mail) => {
      console.log(JSON.stringify(mail));
      done();
    }, done);
  },
});
server.listen(1025);
await once(process, 'SIGTERM');
server.close();
