with

figures as (

    select * from {{ ref('int_services_trade__rank') }}

),

newest as (

    select distinct on (ebops_code)
        ebops_code,
        parent_code,
        label_raw,
        indent
    from figures
    order by ebops_code asc, published_on desc, published_seq desc, figure_id asc

),

final as (

    select
        newest.ebops_code,
        newest.parent_code,
        {{ clean_label('newest.label_raw', 'newest.ebops_code') }} as label,
        newest.label_raw,
        cast(newest.indent as integer) as indent,
        case
            when newest.ebops_code = '0' then 0
            else cardinality(string_to_array(newest.ebops_code, '.'))
        end as level,
        cast(row_number() over (
            order by cast(string_to_array(newest.ebops_code, '.') as integer[])
        ) as integer) as sort_order,
        not exists (
            select 1
            from newest as child
            where newest.ebops_code = child.parent_code
        ) as is_leaf
    from newest

)

select * from final
