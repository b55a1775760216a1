// Words that ask for a secret, however they are written, and honest words beside them.
import { expect, test } from 'vitest';
import { secretAskedIn, secretIn } from '../../broker/mediate/secret-words.ts';

test.each(
  [
    ['password', 'Password', 'passWord', 'pass_word', 'PASSWD', 'mypassword', 'db_password', 'enter your password here', 'Passphrase'],
    ['apiKey', 'API key', 'your API-key', 'userApiKey', 'AWS secret access key', 'ssh private key', 'licenseKey', 'client secret'],
    ['accessToken', 'access_token', 'GITHUB_TOKEN', 'GITHUB_TOKENS', 'Bearer', 'session cookie', 'login credentials', 'webhookUrl'],
    ['credit card number', 'cardNumber', 'card_number', 'cvv', 'CVC', 'Kreditkarte', 'ssn', 'Social Security Number'],
    ['PIN', 'pin code', 'PIN-Code', 'otp', '2FA', 'one-time code', 'verificationCode', 'backup codes', 'seed phrase'],
    ['Passwort', 'contraseña', 'Mot de passe', 'пароль', '密码', '请输入密码', 'パスワード', '비밀번호'],
    // The same, hidden: homoglyphs, full width, zero width, digits for letters, signs for letters, spaced out.
    [
      'pаsswоrd',
      'рassword',
      'ｐａｓｓｗｏｒｄ',
      'pass\u200bword',
      'pass\u00adword',
      'p4ssw0rd',
      'p@ssword',
      'pa$$word',
      't o k e n',
      'tоkеn',
    ],
  ].flat(),
)('%s asks for a secret', (words) => {
  expect(secretIn(words)).not.toBeNull();
});

test.each(
  [
    ['name', 'email', 'username', 'city', 'description', 'favorite color', 'passport country', 'number', 'author', 'level of access'],
    ['maxTokens', 'max tokens', 'token limit', 'tokenizer', 'tokenName', 'passwordLength', 'password policy', 'cookie preferences'],
    [
      'opinion',
      'titan',
      'spinning',
      'shipping',
      'keyboard',
      'key',
      'passenger',
      'compass',
      'secretary',
      'card game',
      'code review',
      'pint',
    ],
    ['monkey', 'region', 'otpauth', 'checkpoint', 'tangent', 'discard', 'scorecard name', 'no password needed'],
  ].flat(),
)('%s does not', (words) => {
  expect(secretIn(words)).toBeNull();
});

test.each([
  ['Your favorite integer (do not give us your phone number, pin, or other sensitive info)', false],
  ["Never share your password with us. Don't paste API keys", false],
  ['Do not forget your password', true],
  ['Do not share this: enter your password', true],
  ['Never give it to others but type your password here', true],
  ['Do not enter a nickname; enter the PIN', true],
])('%s', (sentence, asks) => {
  expect(secretAskedIn(sentence) !== null).toBe(asks);
});
