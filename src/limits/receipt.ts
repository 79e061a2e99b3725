import type { Decimal } from "../values/decimal.ts";
import { formatDecimal, parseDecimal } from "../values/decimal.ts";

/** A refundable reservation. */
export interface Reservation {
  readonly key: string;
  /** Where it was taken: the slice's index, or the start of the calendar stretch in milliseconds. */
  readonly place: number;
  readonly amount: Decimal;
}

/** What a store must remember of an admitted call until it settles. */
export interface Receipt {
  readonly reservations: readonly Reservation[];
  /** Keys on which the call holds leases. */
  readonly leaseKeys: readonly string[];
}

/** Pure. The receipt as text, the same in every store; `""` when there is nothing to remember. */
export function encodeReceipt(receipt: Receipt): string {
  if (receipt.reservations.length === 0 && receipt.leaseKeys.length === 0) return "";
  const reservations = receipt.reservations.map(({ key, place, amount }) => [key, place, formatDecimal(amount)]);
  return JSON.stringify([1, reservations, receipt.leaseKeys]);
}

/** Pure. Reads what {@link encodeReceipt} wrote; undefined for anything else, which a store must treat as corruption. */
export function decodeReceipt(text: string): Receipt | undefined {
  if (text === "") return { reservations: [], leaseKeys: [] };
  const parsed = parseJson(text);
  if (!Array.isArray(parsed)) return undefined;
  const [version, listed, leaseKeys]: unknown[] = parsed;
  if (version !== 1 || !Array.isArray(listed) || !isTextList(leaseKeys)) return undefined;
  const reservations: Reservation[] = [];
  for (const item of listed) {
    const reservation = readReservation(item);
    if (reservation === undefined) return undefined;
    reservations.push(reservation);
  }
  return { reservations, leaseKeys };
}

function readReservation(item: unknown): Reservation | undefined {
  if (!Array.isArray(item)) return undefined;
  const [key, place, amountText]: unknown[] = item;
  if (typeof key !== "string" || typeof place !== "number" || typeof amountText !== "string") return undefined;
  const amount = parseDecimal(amountText);
  return amount === undefined || amount < 0n ? undefined : { key, place, amount };
}

function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
