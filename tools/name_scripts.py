"""Scripts other than alphabets for `tables.json`: Hangul, kana, the commonest Han, Thai vowels."""

from __future__ import annotations

__all__ = ["HAN", "HANGUL_FINALS", "HANGUL_INITIALS", "HANGUL_VOWELS", "KANA", "SCRIPT_RANGES", "THAI_PREPOSED"]

SCRIPT_RANGES = {
    "arabic": ((0x0620, 0x06FF), (0x0750, 0x077F)),
    "cyrillic": ((0x0400, 0x052F),),
    "greek": ((0x0370, 0x03FF), (0x1F00, 0x1FFF)),
}
"""Ranges of the scripts whose words have rules of their own."""

HANGUL_INITIALS = "k kk n d tt r m b pp s ss - j jj ch k t p h"
HANGUL_VOWELS = "a ae ya yae eo e yeo ye o wa wae oe yo u wo we wi yu eu ui i"
HANGUL_FINALS = "k k ks n nj n t l lk lm lb ls lt lp l m p p s s ng j ch k t p t"
"""Revised Romanisation as South Korean passports spell names, `-` for nothing: Kim and Park, not Gim and Bag."""

KANA = ((0x3041, 0x3096), (0x30A1, 0x30FA))
"""Hiragana and katakana; the small tsu and the sign of length have no letter of their own."""

THAI_PREPOSED = ((0x0E40, 0x0E44), (0x0E01, 0x0E2E))
"""Vowels that are written before a consonant but pronounced after it, and the consonants."""

HAN = (
    # Surnames, in the forms of the mainland and of Taiwan and Hong Kong.
    "王李张張刘劉陈陳杨楊赵趙黄黃周吴吳徐孙孫胡朱高林何郭马馬罗羅梁宋郑鄭谢謝韩韓唐冯馮于董萧蕭程曹袁邓鄧许許傅沈曾彭吕呂苏蘇卢盧蒋蔣蔡贾賈丁魏薛叶葉"
    "阎閻余潘杜戴夏钟鍾汪田任姜范方石姚谭譚廖邹鄒熊金陆陸郝孔白崔康毛邱秦江史顾顧侯邵孟龙龍万萬段雷钱錢汤湯尹黎易常武乔喬贺賀赖賴龚龔文"
    # Characters of given names.
    "伟偉芳娜秀英敏静靜丽麗强強磊军軍洋勇艳豔杰傑娟涛濤明超兰蘭霞平刚剛桂梅华華红紅建国國玉珍春生海波志晓曉小红美玲雪琳佳怡欣雅婷宇浩然子涵轩軒"
    "梓诗詩雨思慧俊鹏鵬飞飛峰宁寧安东東南西北中山水云雲天月星心爱愛莉萍燕莹瑩颖穎洁潔琴瑞凤鳳兴興旺福德仁义義礼智信成功学學良永长長"
)
"""The commonest characters of Chinese names; others are kept and match only themselves."""
