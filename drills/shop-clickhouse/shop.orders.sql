CREATE TABLE shop.orders
(
    `d` Date,
    `id` UInt64,
    `customer` LowCardinality(String),
    `total` Decimal(18, 4)
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(d)
ORDER BY id
SETTINGS index_granularity = 8192
