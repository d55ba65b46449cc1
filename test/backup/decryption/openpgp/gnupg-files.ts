/** Messages that GnuPG 2.4.7 wrote (`gpg --force-ocb --chunk-size 7 -z0`), and a key made for them, which protects nothing. */
export const GNUPG_KEY = [
  '-----BEGIN PGP PRIVATE KEY BLOCK-----',
  '',
  'lFgEawruZBYJKwYBBAHaRw8BAQdAelc84MCE1X3lBxUCEveyNlWGan0DVDW51tPZ',
  'AsfVAAIAAQC1tQIZfJ5FFtXNhMccI81djfAKkmcQqbl8XncjJUvCzA61tBVFQ0Mg',
  'PGVjY0BleGFtcGxlLmNvbT6IkAQTFggAOBYhBKUAvk/CeE48PydQHWzVnHHVVGpl',
  'BQJrCu5kAhsDBQsJCAcCBhUKCQgLAgQWAgMBAh4BAheAAAoJEGzVnHHVVGplFb4B',
  'AKr6Bobz6B/GOWx/h3ZsViV3y2OVkHqKHbIBD4Tl2HV6AP9QeZbB2VHGTdhivUdi',
  'o1mMggv5GT0EAiUgwJkX9uRWCpxdBGsK7mQSCisGAQQBl1UBBQEBB0CZxdimrW61',
  't4bHnI/UICK+IVWS6j7j0vjXaWciVZOcVQMBCAcAAP9tj1DXHlQ9hqp1Xx234Yy2',
  'wVgBpAeeTWnFd6xccUsTMA8oiHgEGBYIACAWIQSlAL5PwnhOPD8nUB1s1Zxx1VRq',
  'ZQUCawruZAIbDAAKCRBs1Zxx1VRqZZdBAPsFcCdsijQt1Rw8PaGZ9GNmTlccGuB+',
  'D0Z2gAtGE91ZkQEAs+wZtdyuQO4ov0QI2r0CmEpTpPw02h264ZzHXQeYGwY=',
  '=Egmu',
  '-----END PGP PRIVATE KEY BLOCK-----',
].join('\n');

/** The first lines of a table. */
export const GNUPG_TEXT = [
  '1\t7919\tname 31\t9e3779b1\t2026-01-2',
  '2\t15838\tname 62\t3c6ef362\t2026-01-3',
  '3\t23757\tname 93\tdaa66d13\t2026-01-4',
  '4\t31676\tname 124\t78dde6c4\t2026-01-5',
  '5\t39595\tname 155\t17156075\t2026-01-6',
  '6\t47514\tname 186\tb54cda26\t2026-01-7',
  '7\t55433\tname 217\t538453d7\t2026-01-8',
  '8\t63352\tname 248\tf1bbcd88\t2026-01-9',
  '9\t71271\tname 279',
].join('\n');

/** Encrypted for that key. */
export const GNUPG_OCB = fromBase64([
  'hF4D0RPvGRO0oEYSAQdAeI1Cj6w29ZchtXgA/Jdxh8vna98EOm0oz1omDKqqjjwwuhNhBkKy/ndn480oDfCQT4ZXNs7Xedl2Zw6WFyMjGGPQo5',
  '3VBAaBHTHWJLsXJmf91MDQAQkCAZ8QSPykzGMqQpNhPJGgzc+1Xu/UJGA63KUlF2KMOJ8Gx9+DXZIDvLsx3uxZVEvXn8wgV+IFQeFMP9+p5yAO',
  'ygKEtJ511qjFo5JvRF2XRi0vm3edwR2B+/6wUfnqyLNYN7tr9M5f0xHgGyzugVOeV6mqNXxjKZt5MlqdiuzOZZ2/hvtMQoFW8gh4anvk31aqXF',
  'EQ6ZCsNv4fie771n+QGEMg18N2EeL96BsbUW5o4eDX5vmm7GQ7dMMpIZb9wZRkQYr9Qgqc1CiMc0ELy+MdOdMPAYEY0phPjdHkOgw9JcU/M9Oh',
  '0j06XiWxQLNxkCG08XUH9TCr9k7HvpRbIFY5pI0fXfEodk3Aov5R+Ss/FUVwNp7mZTLN9q2sBJP/WNQ3G9FIVwOQwvAE7BQVKKjUBHin6BSdMn',
  '2W/5uyazed8yxibru8gNjx6fMY/zj2+NNV17XxzhmT/sNp5xHLzHF5s/s9GuQWd1BQYzWziz8wWabMhz9KytznakYVs61gDPbpZ2TfeRROtGrL',
  'CBk5wg==',
]);

/** Encrypted with the passphrase `correct horse`. */
export const GNUPG_OCB_PASSPHRASE = fromBase64([
  'jE0FCQIDCmGj7AQHVGBe/+6io6BRoBQnhYUwHi9wlj0gEbFmA64oPvQMcjX0en+sWcq5YTYLb78sc4WW92PhuCmEG3c7TpucAAPhBioB8dTA0A',
  'EJAgG45GgeS/oKzWCtSeNmrDKn5udnKvwZTujlkZK9bf0oJiUNCy2vTVX4vveqx5vFEGHVagU7RTgF/y9SwAS9KCIaRrJj9ViRSilwNYVJHDkt',
  'bxRSTQgxxjZ2i2n2wKmDxP7x9PBdssRlNtlst5fYKU5bwQshlbHiT+qKwr4PfGhdmmebKwz1UozG3VkKMhMh+tZxfaAqlA2dzhpN9LTOrpBeDS',
  '5m4jDHsP+dFTfCq+QYomjsYRp8FKut55Jppkt/0QdIYBwKOIqewR892SPc7oG9V2nAXb5XYvRounibg0lpFRpaBgL+9/awGKH6H6dUZtEZOX0D',
  'vKmc8GvFTJnp0QrzyQrbthjqf6TCfoZA2MGmNNzBV9KF+o9daQttWgaRh1fEcPA3Lrc9N0xMygTRSF08a5ZyMSaRwv8hxSF8CSbsnzq+0eX2Dq',
  'RGjRVvpmbGSrjf3ulhQk1CTRBo62U1DTtbcn7QABtdzcbtCYS0QM9c4h67sfbuF7mymEN+vGijueVAflNLVc0QOlMCZqU=',
]);

function fromBase64(lines: readonly string[]): Buffer {
  return Buffer.from(lines.join(''), 'base64');
}
