"""The countries that may be called, and what may be called in each.

Source: https://www.twilio.com/docs/voice/api/dialing-permissions-resources (read 2026-11-21). The permissions are the
account's; a country that was never changed has low-risk numbers enabled and high-risk ones not (assumption: the
provider's first setting depends on the account). Which prefixes of a country are high risk is not known here, so only
low-risk permission decides about a call. Country codes are those of ITU-T E.164; where countries share the longest one
that fits a number (the United States and Canada do), it may be called if one of them may.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from voicedr.twin.world.model import World
from voicedr.twin.world.permissions import DialingPermission


@dataclass(frozen=True, slots=True)
class Country:
    """A country as the provider lists it."""

    iso_code: str
    name: str
    continent: str
    country_codes: tuple[str, ...]

    @property
    def sid(self) -> str:
        """What a page is cut by."""
        return self.iso_code


_TEXT = """
AFRICA
AO Angola 244;BF Burkina Faso 226;BI Burundi 257;BJ Benin 229;BW Botswana 267;CD Congo, Democratic Republic 243
CF Central African Republic 236;CG Congo 242;CI Ivory Coast 225;CM Cameroon 237;CV Cape Verde 238
DJ Djibouti 253;DZ Algeria 213;EG Egypt 20;ER Eritrea 291;ET Ethiopia 251;GA Gabon 241;GH Ghana 233
GM Gambia 220;GN Guinea 224;GQ Equatorial Guinea 240;GW Guinea-Bissau 245;KE Kenya 254;KM Comoros 269
LR Liberia 231;LS Lesotho 266;LY Libya 218;MA Morocco 212;MG Madagascar 261;ML Mali 223;MR Mauritania 222
MU Mauritius 230;MW Malawi 265;MZ Mozambique 258;NA Namibia 264;NE Niger 227;NG Nigeria 234;RE Reunion 262
RW Rwanda 250;SC Seychelles 248;SD Sudan 249;SL Sierra Leone 232;SN Senegal 221;SO Somalia 252
SS South Sudan 211;ST Sao Tome and Principe 239;SZ Eswatini 268;TD Chad 235;TG Togo 228;TN Tunisia 216
TZ Tanzania 255;UG Uganda 256;ZA South Africa 27;ZM Zambia 260;ZW Zimbabwe 263
ASIA
AE United Arab Emirates 971;AF Afghanistan 93;AM Armenia 374;AZ Azerbaijan 994;BD Bangladesh 880;BH Bahrain 973
BN Brunei 673;BT Bhutan 975;CN China 86;GE Georgia 995;HK Hong Kong 852;ID Indonesia 62;IL Israel 972
IN India 91;IQ Iraq 964;IR Iran 98;JO Jordan 962;JP Japan 81;KG Kyrgyzstan 996;KH Cambodia 855
KR Korea Republic of 82;KW Kuwait 965;KZ Kazakhstan 76,77;LA Laos 856;LB Lebanon 961;LK Sri Lanka 94
MM Myanmar 95;MN Mongolia 976;MO Macau 853;MV Maldives 960;MY Malaysia 60;NP Nepal 977;OM Oman 968
PH Philippines 63;PK Pakistan 92;PS Palestine 970;QA Qatar 974;SA Saudi Arabia 966;SG Singapore 65;SY Syria 963
TH Thailand 66;TJ Tajikistan 992;TL East Timor 670;TM Turkmenistan 993;TR Turkey 90;TW Taiwan 886
UZ Uzbekistan 998;VN Vietnam 84;YE Yemen 967
EUROPE
AD Andorra 376;AL Albania 355;AT Austria 43;BA Bosnia and Herzegovina 387;BE Belgium 32;BG Bulgaria 359
BY Belarus 375;CH Switzerland 41;CY Cyprus 357;CZ Czech Republic 420;DE Germany 49;DK Denmark 45;EE Estonia 372
ES Spain 34;FI Finland 358;FO Faroe Islands 298;FR France 33;GB United Kingdom 44;GI Gibraltar 350;GR Greece 30
HR Croatia 385;HU Hungary 36;IE Ireland 353;IS Iceland 354;IT Italy 39;LI Liechtenstein 423;LT Lithuania 370
LU Luxembourg 352;LV Latvia 371;MC Monaco 377;MD Moldova 373;ME Montenegro 382;MK North Macedonia 389
MT Malta 356;NL Netherlands 31;NO Norway 47;PL Poland 48;PT Portugal 351;RO Romania 40;RS Serbia 381;RU Russia 7
SE Sweden 46;SI Slovenia 386;SK Slovakia 421;SM San Marino 378;UA Ukraine 380;XK Kosovo 383
NORTH_AMERICA
US United States 1;CA Canada 1;AG Antigua and Barbuda 1268;AI Anguilla 1264;AW Aruba 297;BB Barbados 1246
BM Bermuda 1441;BS Bahamas 1242;BZ Belize 501;CR Costa Rica 506;CU Cuba 53;CW Curacao 599;DM Dominica 1767
DO Dominican Republic 1809,1829,1849;GD Grenada 1473;GL Greenland 299;GP Guadeloupe 590;GT Guatemala 502
HN Honduras 504;HT Haiti 509;JM Jamaica 1876,1658;KN St Kitts and Nevis 1869;KY Cayman Islands 1345
LC St Lucia 1758;MQ Martinique 596;MS Montserrat 1664;MX Mexico 52;NI Nicaragua 505;PA Panama 507
PM St Pierre and Miquelon 508;PR Puerto Rico 1787,1939;SV El Salvador 503;SX Sint Maarten 1721
TC Turks and Caicos Islands 1649;TT Trinidad and Tobago 1868;VC St Vincent and the Grenadines 1784
VG British Virgin Islands 1284;VI US Virgin Islands 1340
OCEANIA
AS American Samoa 1684;AU Australia 61;CK Cook Islands 682;FJ Fiji 679;FM Micronesia 691;GU Guam 1671
KI Kiribati 686;MH Marshall Islands 692;MP Northern Mariana Islands 1670;NC New Caledonia 687
NF Norfolk Island 672;NR Nauru 674;NU Niue 683;NZ New Zealand 64;PF French Polynesia 689;PG Papua New Guinea 675
PW Palau 680;SB Solomon Islands 677;TK Tokelau 690;TO Tonga 676;TV Tuvalu 688;VU Vanuatu 678
WF Wallis and Futuna 681;WS Samoa 685
SOUTH_AMERICA
AR Argentina 54;BO Bolivia 591;BR Brazil 55;CL Chile 56;CO Colombia 57;EC Ecuador 593;FK Falkland Islands 500
GF French Guiana 594;GY Guyana 592;PE Peru 51;PY Paraguay 595;SR Suriname 597;UY Uruguay 598;VE Venezuela 58
"""


@cache
def countries() -> dict[str, Country]:
    """Every country, by ISO 3166 code, in the order of the codes."""
    found: list[Country] = []
    continent = ""
    for line in _TEXT.split("\n"):
        if " " not in line:
            continent = line or continent
            continue
        for entry in line.split(";"):
            iso_code, name_and_codes = entry.split(" ", 1)
            name, codes = name_and_codes.rsplit(" ", 1)
            found.append(Country(iso_code, name, continent, tuple(f"+{code}" for code in codes.split(","))))
    return {country.iso_code: country for country in sorted(found, key=lambda country: country.iso_code)}


def permission(world: World, iso_code: str) -> DialingPermission:
    """What may be called in a country now."""
    return world.regions["us1"].dialing_permissions.get(iso_code, DialingPermission())


def may_be_called(world: World, to: str) -> bool:
    """True if calls to this number are allowed. What is no number in a known country is not refused."""
    changed = world.regions["us1"].dialing_permissions
    if not changed or to[:1] != "+":
        return True
    # An E.164 country code has at most four digits here, with North America's area codes.
    for length in range(5, 1, -1):
        sharing = _by_code().get(to[:length])
        if sharing is not None:
            return any(changed.get(iso_code, DialingPermission()).low_risk for iso_code in sharing)
    return True


@cache
def _by_code() -> dict[str, tuple[str, ...]]:
    shared: dict[str, tuple[str, ...]] = {}
    for country in countries().values():
        for code in country.country_codes:
            shared[code] = (*shared.get(code, ()), country.iso_code)
    return shared
