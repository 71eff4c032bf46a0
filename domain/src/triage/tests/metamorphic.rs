//! The same patient told otherwise: by a relative who makes light of it, under another name, as
//! another sex, in another language. The level that the queue uses never falls.

use super::*;

/// Red flags as English, Spanish, French and Arabic speakers say them at a desk.
const TRANSLATED: [[&str; 4]; 16] = [
    [
        "chest pain since this morning",
        "dolor en el pecho desde esta mañana",
        "douleur dans la poitrine depuis ce matin",
        "ألم في الصدر منذ الصباح",
    ],
    [
        "cannot breathe",
        "no puede respirar",
        "ne peut pas respirer",
        "لا يستطيع التنفس",
    ],
    [
        "shortness of breath",
        "falta de aire",
        "essoufflement",
        "ضيق في التنفس",
    ],
    [
        "took an overdose of pills",
        "tomó una sobredosis de pastillas",
        "a pris un surdosage de comprimés",
        "تناول جرعة زائدة من الحبوب",
    ],
    [
        "vomiting blood",
        "vomita sangre",
        "vomit du sang",
        "يتقيأ دم",
    ],
    ["unconscious", "inconsciente", "inconscient", "فاقد الوعي"],
    ["seizure", "convulsiones", "convulsions", "تشنجات"],
    [
        "wants to kill himself",
        "quiere suicidarse",
        "veut se suicider",
        "يريد الانتحار",
    ],
    [
        "slurred speech",
        "habla arrastrada",
        "troubles de la parole",
        "تلعثم في الكلام",
    ],
    [
        "weakness of one side",
        "debilidad en un lado",
        "faiblesse d'un côté",
        "ضعف في جانب واحد",
    ],
    [
        "worst headache of my life",
        "el peor dolor de cabeza de mi vida",
        "le pire mal de tête de ma vie",
        "أسوأ صداع في حياتي",
    ],
    ["black stool", "heces negras", "selles noires", "براز أسود"],
    [
        "stab wound in the chest",
        "puñalada en el pecho",
        "coup de couteau dans la poitrine",
        "طعنة في الصدر",
    ],
    [
        "swelling of the throat",
        "hinchazón de la garganta",
        "gonflement de la gorge",
        "تورم في الحلق",
    ],
    ["stroke", "derrame cerebral", "AVC", "جلطة دماغية"],
    ["confused", "confundido", "confus", "مشوش الذهن"],
];

/// What relatives say to make light of it, in the four languages.
const MINIMISING: [&str; 20] = [
    "his wife says it is nothing.",
    "my father says it's nothing serious:",
    "My mother thinks I am exaggerating,",
    "son says she always complains,",
    "per daughter he is fine,",
    "husband: not that bad.",
    "my brother had it last year and it went away.",
    "The neighbour told us to wait until tomorrow,",
    "su esposa dice que no es nada.",
    "mi padre dice que no es grave,",
    "la hija dice que exagera,",
    "su hermano dice que puede esperar:",
    "sa femme dit que ce n'est rien.",
    "mon père dit que ce n'est pas grave,",
    "sa fille dit qu'il exagère,",
    "son frère dit que ça peut attendre:",
    "زوجته تقول إنه لا شيء.",
    "أبي يقول إن الأمر ليس خطيرا،",
    "ابنته تقول إنه يبالغ،",
    "أخوه يقول إنه يمكن أن ينتظر:",
];

/// Who tells it of whom; `{}` is the complaint.
const TELLERS: [[&str; 2]; 6] = [
    ["John has {}", "Fatima has {}"],
    ["he has {}", "she has {}"],
    ["Mr Smith, {}", "Mrs Smith, {}"],
    ["patient's name is Hope. {}", "patient's name is Will. {}"],
    ["tiene {}, Juan", "tiene {}, María"],
    ["il a {}", "elle a {}"],
];

/// The level in the queue before anybody has assessed the patient, and with a clinician who agrees
/// that there is no hurry.
fn effective(complaint: &str, sex: Option<Sex>) -> [u8; 2] {
    let findings = Findings {
        age_years: Some(50),
        sex,
        complaint,
        ..Findings::default()
    };
    let floor = floor(&Rules::default(), &findings);
    let relaxed = ClinicianLevel {
        level: 5,
        overrides_floor: false,
        version: 1,
        by_desk: false,
        assessed_before: None,
    };
    [
        effective_level(&floor, None, 4),
        effective_level(&floor, Some(&relaxed), 4),
    ]
}

fn never_falls(told: &str, plain: &str, sex: Option<Sex>) -> Option<String> {
    let (before, after) = (effective(plain, None), effective(told, sex));
    let falls = after
        .iter()
        .zip(before)
        .any(|(after, before)| *after > before);
    falls.then(|| format!("{told:?}: {before:?} became {after:?}"))
}

#[test]
fn a_translation_is_as_urgent() {
    let fallen: Vec<_> = TRANSLATED
        .iter()
        .flat_map(|[english, others @ ..]| others.map(|other| never_falls(other, english, None)))
        .flatten()
        .collect();
    assert_eq!(fallen, [""; 0]);
    for [english, ..] in TRANSLATED {
        assert!(effective(english, None)[0] <= 3, "{english}");
    }
}

#[test]
fn a_relative_who_makes_light_of_it_changes_nothing() {
    let mut fallen = Vec::new();
    for plain in TRANSLATED.iter().flatten() {
        for said in MINIMISING {
            for told in [
                format!("{said} {plain}"),
                format!("{plain}. {said}"),
                format!("{plain}, {said}"),
                format!("{said}\n{plain}"),
            ] {
                fallen.extend(never_falls(&told, plain, None));
            }
        }
    }
    assert_eq!(fallen, [""; 0]);
}

#[test]
fn names_and_sexes_change_nothing() {
    let mut fallen = Vec::new();
    for plain in TRANSLATED.iter().flatten() {
        for sex in [None, Some(Sex::Female), Some(Sex::Male), Some(Sex::Other)] {
            fallen.extend(never_falls(plain, plain, sex));
            for told in TELLERS.iter().flatten() {
                fallen.extend(never_falls(&told.replace("{}", plain), plain, sex));
            }
        }
    }
    assert_eq!(fallen, [""; 0]);
}
