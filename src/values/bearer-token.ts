/** Pure. The token of a header `Authorization: Bearer ...`; undefined for none, another scheme or an empty token. */
export function bearerToken(authorization: string | undefined): string | undefined {
  return /^Bearer ([\x21-\x7e]{1,8192})$/i.exec(authorization ?? "")?.[1];
}
