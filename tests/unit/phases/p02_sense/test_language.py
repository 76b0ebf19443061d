from pathlib import Path

import pytest
import yaml

from opsconductor.phases.p02_sense.language import language_of

REQUESTS = yaml.safe_load((Path(__file__).parents[3] / "data" / "ops_requests.yaml").read_text("utf-8"))


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Wie viele Server haben wir?", "de"),
        ("starte billing auf app-01 neu", "de"),
        ("zeige alle Hosts", "de"),
        ("Combien d'assets avons-nous ?", "fr"),
        ("redémarre billing sur app-01", "fr"),
        ("¿Cuántos activos tenemos?", "es"),
        ("reinicia billing en app-01", "es"),
        ("我们有多少资产？", "zh"),
        ("重启 app-01 上的 billing", "zh"),
        ("сколько у нас серверов", "ru"),
        ("перезапусти billing на app-01", "ru"),
        ("app-01のbillingを再起動して", "ja"),
        ("サーバー", "ja"),
        ("몇 대의 서버가 있나요", "ko"),
        ("كم عدد الخوادم", "ar"),
        ("quanti server abbiamo?", "it"),
        ("quantos servidores temos?", "pt"),
        ("hoeveel servers hebben we?", "nl"),
        ("kaç sunucumuz var çalışıyor mu şöyle", "und"),
    ],
)
def test_another_language_is_told(text: str, language: str) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize(
    "text",
    [
        "restart billing on app-01",
        "df",
        "help",
        "restrt biling on ap-01",
        "asdf qwer zxcv",
        "who owns Banco de la Nacion assets",
        "how many assets does ООО Ромашка own",
        "how many assets at La Paz de Lima",
        "café münchen router",
        "🔥🔥 billing is down 🔥",
        "El Niño router status",
        "is `wie viele server haben wir` running",
        "dmi01-akron-rtr01 dmi01-albany-rtr01",
        "open /var/log/les/des/une.log",
        "",
        "1234 !!",
        "show me die hard router",
    ],
)
def test_commands_names_and_typos_are_never_foreign(text: str) -> None:
    assert language_of(text) == "en"


def test_no_request_of_the_corpus_is_foreign() -> None:
    assert [row["text"] for row in REQUESTS if language_of(row["text"]) != "en"] == []
