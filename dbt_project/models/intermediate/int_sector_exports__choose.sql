with

official as (

    select * from {{ ref('int_sector_exports__official') }}

),

standing as (

    select * from {{ ref('int_reported_exports__stand') }}

),

chosen as (

    {{ chosen_exports('official', 'standing') }}

)

select * from chosen
