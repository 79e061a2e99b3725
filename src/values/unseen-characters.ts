/** What a reader does not see: controls, formats, separators, selectors, fillers, and what is in no plane of text. */
export const unseenCharacters: RegExp =
  /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}\p{Cn}\p{Variation_Selector}\u115F\u1160\u2800\u3164\uFFA0]/gu;
