//! The same flags in four languages, and tricks with letters.

use super::*;

#[test]
fn the_same_in_every_language() {
    for (english, others) in [
        (
            "chest pain",
            ["dolor en el pecho", "douleur à la poitrine", "ألم في الصدر"],
        ),
        (
            "cannot breathe",
            [
                "no puede respirar",
                "n'arrive pas à respirer",
                "لا يستطيع التنفس",
            ],
        ),
        ("overdose", ["sobredosis", "surdosage", "جرعة زائدة"]),
        ("seizure", ["convulsiones", "crise d'épilepsie", "تشنجات"]),
        (
            "vomiting blood",
            ["vómito con sangre", "vomit du sang", "يتقيأ دم"],
        ),
        ("unconscious", ["inconsciente", "inconscient", "فاقد الوعي"]),
        ("hemiparesis", ["hemiparesia", "hémiparésie", "شلل نصفي"]),
        (
            "severe headache",
            [
                "dolor de cabeza intenso",
                "mal de tête soudain",
                "صداع شديد",
            ],
        ),
        ("suicide", ["suicidio", "suicide", "انتحار"]),
    ] {
        assert!(level(english) <= 2, "{english}");
        for other in others {
            assert!(level(other) <= 2, "{other}");
        }
    }
}

#[test]
fn denials_of_every_language() {
    for denied in [
        "sin dolor en el pecho",
        "no tiene dolor en el pecho",
        "niega dolor de pecho",
        "tos, pas de douleur à la poitrine",
        "sans douleur thoracique",
        "nie douleur thoracique",
        "لا يوجد ألم في الصدر",
        "بدون ألم في الصدر",
    ] {
        assert_eq!(level(denied), 5, "{denied}");
    }
    for present in [
        "sin fiebre, dolor en el pecho",
        "pas de fièvre mais douleur à la poitrine",
        "بدون حمى لكن ألم في الصدر",
    ] {
        assert_eq!(level(present), 2, "{present}");
    }
}

#[test]
fn words_of_other_languages_are_not_abbreviations() {
    assert_eq!(level("me duele mi pierna"), 5);
    assert_eq!(level("me di un golpe en el pie"), 5);
    assert_eq!(level("MI"), 2);
}

#[test]
fn tricks_with_letters_hide_nothing() {
    for hidden in [
        "ch\u{200b}est pa\u{200d}in",
        "chest\u{200b}pain",
        "ch\u{ad}est pain",
        "сhеst раin",
        "𝐜𝐡𝐞𝐬𝐭 𝐩𝐚𝐢𝐧",
        "c\u{301}hest pain",
        "ch3st pa1n",
        "chest\u{a0}pain",
        "\u{202e}chest pain",
    ] {
        assert_eq!(level(hidden), 2, "{hidden:?}");
    }
}
