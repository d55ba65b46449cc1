/** Parameters of the sample shop's rows; the same options give the same rows, so that checks can know the counts. */
export interface SampleOptions {
  /** The newest payment is a few minutes older. */
  readonly takenAt: Date;
  readonly customers: number;
  /** Simulates a backup job that lost a table's rows: the table exists without them. */
  readonly withoutPayments: boolean;
}

export type Row = readonly (string | number | Date)[];

const ORDERS_A_CUSTOMER = 4;
const PRODUCTS = 200;
const MINUTE_MS = 60_000;

/** 4 orders per customer, 2 lines per order, a payment for each order. */
export const SAMPLE_ROWS: Readonly<Record<SampleTable, (options: SampleOptions) => Iterable<Row>>> = {
  customer: customers,
  product: products,
  orders,
  order_line: orderLines,
  payment: (options) => (options.withoutPayments ? [] : payments(options)),
};
export type SampleTable = 'customer' | 'product' | 'orders' | 'order_line' | 'payment';

function* customers({ customers: count, takenAt }: SampleOptions): Generator<Row> {
  for (let id = 1; id <= count; id += 1) {
    yield [id, `Customer ${id}`, `customer${id}@example.com`, minutesBefore(takenAt, 500_000 - id)];
  }
}

function* products(): Generator<Row> {
  for (let id = 1; id <= PRODUCTS; id += 1) yield [id, `Product ${id}`, price(id)];
}

function* orders({ customers: count, takenAt }: SampleOptions): Generator<Row> {
  const last = count * ORDERS_A_CUSTOMER;
  for (let id = 1; id <= last; id += 1) yield [id, ((id - 1) % count) + 1, minutesBefore(takenAt, last - id + 5)];
}

function* orderLines({ customers: count }: SampleOptions): Generator<Row> {
  for (let order = 1; order <= count * ORDERS_A_CUSTOMER; order += 1) {
    yield [order, 1, (order % PRODUCTS) + 1, (order % 3) + 1];
    yield [order, 2, ((order * 7) % PRODUCTS) + 1, 1];
  }
}

function* payments({ customers: count, takenAt }: SampleOptions): Generator<Row> {
  const last = count * ORDERS_A_CUSTOMER;
  for (let id = 1; id <= last; id += 1) yield [id, id, price(id), minutesBefore(takenAt, last - id + 3)];
}

function price(id: number): string {
  return (((id * 37) % 9000) + 99.5).toFixed(2);
}

function minutesBefore(instant: Date, minutes: number): Date {
  return new Date(instant.getTime() - minutes * MINUTE_MS);
}
