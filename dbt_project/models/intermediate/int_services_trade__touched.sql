with

figures as (

    select * from {{ ref('stg_sbp__trade_in_services') }}

),

releases as (

    select * from {{ ref('int_releases__touched') }}

),

final as (

    select distinct
        figures.ebops_code as series_code,
        figures.measure,
        figures.period_code
    from figures
    inner join releases on figures.release_id = releases.release_id

)

select * from final
