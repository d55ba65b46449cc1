CREATE MATERIALIZED VIEW shop.daily
(
    `d` Date,
    `n` UInt64
)
ENGINE = SummingMergeTree
ORDER BY d
SETTINGS index_granularity = 8192
AS SELECT
    d,
    count() AS n
FROM shop.orders
GROUP BY d
