import { expect, test } from 'vitest';
import { parseOptionFile } from '../../../../src/engines/mysql/server/option-file.ts';

test.each([
  ['[client]\nuser = app\npassword="p#1 x"\n', { user: 'app', password: 'p#1 x' }],
  ['[mysqld]\npassword=no\n[client]\r\npassword=yes # note\r\n', { user: undefined, password: 'yes' }],
  ['password=no\n', { user: undefined, password: undefined }],
  ['[client]\npassword=a\n[client-mariadb]\npassword=b\n', { user: undefined, password: 'b' }],
])('reads the login of the client sections: %j', (text, login) => {
  expect(parseOptionFile(text)).toEqual(login);
});
