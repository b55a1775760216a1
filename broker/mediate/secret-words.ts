// Do words ask for a secret? Read through capitals, separators, other scripts, digits for letters and characters nobody sees.
import unhomoglyph from 'unhomoglyph';

/** What is never to be typed into a form that a server drew (MCP 2025-11-25 client/elicitation, "Form Mode Security"). */
const secrets =
  `password, passwd, passwort, kennwort, passphrase, passcode, pwd, pass word, pass phrase, pass code, contrasena, mot de passe,
  senha, parola, wachtwoord, haslo, losenord, sifre, пароль, 密码, 密碼, パスワード, 비밀번호, 暗証番号, кодовое слово, secret, geheimnis, token,
  bearer, jwt, cookie, credential, credentials, api key, access key, private key, secret key, signing key, encryption key, ssh key,
  pgp key, auth key, license key, master key, account key, service account json, connection string, auth code, authorization code,
  authentication code, authorization header, pin, otp, totp, mfa, 2fa, one time code, verification code, security code,
  backup code, recovery code, seed phrase, recovery phrase, mnemonic, security answer, mothers maiden name, card number,
  credit card, debit card, kreditkarte, cvv, cvc, ccv, card code, ccnumber, cc number, ssn, social security, bank pin, webhook url`.split(
    /,\s+/,
  );
/** Found only as a whole word: inside others these letters mean nothing (`opinion`, `titan`). */
const shortest = 6;
/** What makes a secret's word harmless when it follows: `token limit`, `password policy`. */
const about =
  /^ ?(?:name|label|title|limit|count|counts|budget|usage|length|size|type|kind|preferences|consent|banner|policy|policies|hint|id|expiry|expires|expiration|manager|location|format|rotation)\b/;
/** And when it stands before: `max tokens`, `reset the password`. */
const before = /(?:\bmax|\bmaximum|\bmin|\bnumber of|\bno|\bnever enter (?:a|your)|\bdo not enter (?:a|your)|\bwithout (?:a|your)?) $/;

const digitsForLetters: Readonly<Record<string, string>> = { 0: 'o', 1: 'i', 3: 'e', 4: 'a', 5: 's', 7: 't', '@': 'a', $: 's', '!': 'i' };

/** Lower-case words with single spaces: `apiKey`, `api_key` and `API-Key` are `api key`. */
function plain(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/[\p{M}\p{Cf}\p{Cc}\u115f\u1160\u3164\uffa0]/gu, '')
    .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}@$!]+/gu, ' ')
    .trim();
}

/** Letters of other scripts as the Latin ones they look like; Latin itself stays, or `m` would become `rn`. */
const looksLike = (text: string) => text.replace(/[^\p{ASCII}]/gu, (letter) => unhomoglyph(letter)).toLowerCase();
/** `t o k e n` */
const closed = (text: string) => (/^(?:\S ){2,}\S$/.test(text) ? joined(text) : text);
const readDigits = (text: string) => text.replace(/[013457@$!]/g, (sign) => digitsForLetters[sign] ?? sign);
const joined = (text: string) => text.replaceAll(' ', '');

interface Term {
  readonly said: string;
  readonly plain: string;
}
const terms: readonly Term[] = secrets.map((said) => ({ said, plain: plain(said) }));

/** Does `term` stand in `text` as words of its own, and not as part of a harmless phrase? */
function stands(text: string, term: string): boolean {
  for (let at = text.indexOf(term); at !== -1; at = text.indexOf(term, at + 1)) {
    const end = at + term.length;
    const plural = text.startsWith('s', end) ? end + 1 : end;
    // Scripts without spaces between words have no edges to look for.
    const edges =
      /^[^\p{Script=Latin}\p{Script=Cyrillic}]/u.test(term) ||
      (/^(?:$| )/.test(text.slice(at - 1, at)) && /^(?:$| )/.test(text.slice(plural, plural + 1)));
    if (!edges) continue;
    if (about.test(text.slice(plural)) || before.test(text.slice(0, at))) continue;
    return true;
  }
  return false;
}

/** `Do not give us your pin or phone number`: what somebody is told to keep back, up to where the sentence turns. */
const keptBack =
  /\b(?:do not|don['’]?t|never|please avoid)\s+(?:ever\s+)?(?:give|share|enter|provide|include|send|type|paste|write|disclose|submit|put)\b(?:(?!\b(?:but|except|only|unless|until|instead|here|this)\b)[^.:;!?()[\]\n–—])*/giu;

/** Whole sentences, as a description has them: the same, but what they tell to keep back is not asked for. */
export function secretAskedIn(sentences: string): string | null {
  return secretIn(sentences.replace(keptBack, ' '));
}

/** The secret that these words speak of, as we call it; null when they speak of none. */
export function secretIn(words: string): string | null {
  const text = closed(plain(words));
  const [digits, looks] = [readDigits(text), looksLike(text)];
  const whole = joined(digits);
  for (const term of terms) {
    if (stands(text, term.plain) || stands(digits, term.plain) || stands(looks, looksLike(term.plain))) return term.said;
    // `mypassword`, `userapikey`: names written in one word, which nothing harmless follows.
    const run = joined(term.plain);
    if (run.length >= shortest && !text.includes(' ') && whole.endsWith(run)) return term.said;
    if (run.length >= shortest && !text.includes(' ') && joined(looks).endsWith(run)) return term.said;
  }
  return null;
}
