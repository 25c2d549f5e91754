-- without a CTE: PostgreSQL folds such a view into the query that reads it, and finds the figures of a key by index
select
    figure_id,
    release_id,
    extraction_id,

    series_code as ebops_code,
    parent_code,
    label_raw,
    indent,

    measure,
    period_code,
    period_kind,
    period_start,
    period_end,

    cast(round(value, 6) as numeric(20, 6)) as value_usd_thousand,
    value as value_unrounded_usd_thousand,
    null_reason,
    unit,
    flag,

    locator,
    header_locator,
    as_printed,
    header_as_printed

from {{ source('staging', 'figure') }}

where dataset = 'sbp/trade_in_services'
