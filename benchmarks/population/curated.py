"""Names of traditions that Faker does not cover in Latin letters, with the spellings of each name.

Each word is one name: its spellings separated by `/`, the one most used in Sweden first; frequent names come first.
Written from general knowledge, not from any register or person.
"""

from __future__ import annotations

from typing import Final

__all__ = ["CURATED"]

_ARABIC_MEN: Final = """
Mohammed/Mohamed/Muhammad/Mohamad/Mohammad Ahmed/Ahmad/Ahmet Ali/Aly Omar/Umar/Omer Hassan/Hasan
Hussein/Husein/Hussain/Hossein Mustafa/Mostafa/Moustafa Ibrahim/Ebrahim/Ibrahem Yousef/Yusuf/Youssef/Yosef/Yousif
Khaled/Khalid/Chaled Mahmoud/Mahmod/Mahmud Abdullah/Abdallah/Abdulla Abdulrahman/Abdelrahman/Abdul-Rahman Karim/Kareem
Tariq/Tarek/Tarik Samir/Sameer Bilal/Belal Hamza/Hamsa Anas/Anass Zaid/Zeid/Zayd Amir/Ameer Jamal/Gamal/Djamal
Nasser/Nasir/Naser Faisal/Faysal/Feisal Walid/Waleed Rami/Ramy Fadi/Fady Majid/Majed/Maged Adnan
Haider/Haydar/Hayder/Heider Sajjad/Sajad Murtada/Mortada Laith/Layth/Leith Qasim/Kassem/Qassem/Kasim Salah/Saleh
Suleiman/Sulaiman/Soliman/Sleiman Younes/Yunus/Younis Osama/Usama/Oussama Ismail/Esmail/Ismael
"""

_ARABIC_WOMEN: Final = """
Fatima/Fatema/Fatma/Fatme Maryam/Mariam/Meryem/Mariyam Zainab/Zeinab/Zaynab/Zaineb Aisha/Aysha/Aicha/Ayesha
Noor/Nour/Nur Sara/Sarah Amina/Aminah/Ameena Layla/Leila/Laila/Leyla Hanan/Hannan Iman/Eman Rania/Ranya Dina/Deena
Yasmin/Yasmine/Jasmin/Yasmeen Khadija/Khadijah/Chadija Huda/Houda Mona/Muna Rim/Reem/Rym Lina/Leena Hala/Halla
Salma/Selma Samira/Sameera Ruqaya/Rukaya/Roqaya Shahad/Shahd Rahma/Rahmah Zahra/Zahraa/Sahra Doaa/Duaa/Doua Asma/Asmaa
Hiba/Heba Farah/Fareh Ghada/Gada Sumaya/Somaya/Sumayya Hajar/Hager Malak/Melak Batoul/Batool/Batul Tasnim/Tasneem
Nadia/Nadya Wafa/Wafaa Safa/Safaa Shaimaa/Shayma/Chaima Ikhlas/Ekhlas
"""

_ARABIC_FAMILIES: Final = """
Al-Hassan/Alhassan/Al-Hasan Al-Ali/Alali Al-Ahmad/Alahmad/Al-Ahmed Haddad/Hadad Khalil/Khaleel/Chalil
Mansour/Mansoor/Mansur Al-Jabouri/Aljaburi/Al-Jibouri/Aljibory Al-Saadi/Alsadi/Al-Sadi Al-Rubaie/Alrubaye/Al-Rubaiy
Nassar/Nasar Darwish/Darwich/Darwesh Al-Tamimi/Altamimi Al-Khafaji/Alkhafaji/Al-Khafagi Shaheen/Shahin Hamdan
Najjar/Najar/Nadjar Qasem/Kassem/Qassim Awad/Awwad Al-Obaidi/Alobaidi/Al-Obeidi/Alubaidi Sabbagh/Sabagh Barakat
Issa/Eissa/Isa Salloum/Saloum Al-Dulaimi/Aldulaimi/Al-Delaimi Ibrahim/Ebrahim Mahmoud/Mahmod Saleh/Salih
Suleiman/Sulaiman Othman/Osman/Uthman Jaber/Jabir/Djaber Abboud/Aboud Ismail/Ismael
Al-Musawi/Almosawi/Al-Mousawi/Almusawi Al-Shammari/Alshamari/Al-Shamary Khoury/Khouri/Kouri Hariri Zaher/Zahir
Ghazal/Gazal
"""

_SOMALI_MEN: Final = """
Mohamed/Maxamed/Mohammed/Mahamed Abdi/Cabdi Ahmed/Axmed Ali/Cali Hassan/Xasan Abdullahi/Cabdulaahi/Abdulahi Omar/Cumar
Yusuf/Yuusuf Ibrahim/Ibraahim Osman/Cusmaan/Osmaan Ismail/Ismaaciil/Ismaciil Abdirahman/Cabdiraxmaan/Abdurahman
Farah/Faarax Hussein/Xuseen/Huseen Abdirizak/Cabdirisaaq/Abdirisak Mahad/Maxad Warsame Jama/Jaamac/Jamac Guled/Guuleed
Liban/Liibaan Abdiaziz/Cabdicasiis Said/Siciid/Saeed Bashir/Bashiir Khalid/Khaalid Nur/Nuur/Noor Isse/Ciise/Issa
Muse/Muuse/Musa Adan/Aadan/Aden Sharif/Shariif Elmi/Cilmi
"""

_SOMALI_WOMEN: Final = """
Fadumo/Faadumo/Fatuma/Faduma Amina/Aamina Hodan/Hoodan Ayan/Ayaan Halima/Xaliimo/Halimo Asha/Caasha/Aasha
Maryan/Maryam/Maryama Khadra Hawa/Xaawo/Hawo Nimo/Nimco/Nimo Sahra/Zahra Ifrah/Ifrax Hamdi/Xamdi Deqa/Deeqa/Deka
Safiya/Safiyo Sucdi/Suad/Suado Ubah/Ubax/Obah Fowsia/Fawziya/Foosiya Hibo/Hiba Filsan Najma/Najmo Ikran/Ikraan
Ladan/Laadan Muna/Muuna Rahma/Raxma Samira/Samiira
"""

_ERITREAN_MEN: Final = """
Yonas/Jonas/Yohannes Samuel/Samuiel Tesfay/Tesfai/Tesfaye Filmon/Philmon/Filimon Daniel Abel Mehari/Mihari
Kidane/Kidan Berhane/Birhane Haile/Hayle Gebremariam/Ghebremariam/Gebre-Mariam Tekle/Takle/Tecle Woldu/Weldu/Woldo
Amanuel/Emanuel/Amaniel Robel/Robiel Habtom/Habtum Yemane/Yamane Mulugeta/Mulugheta Solomon/Selomon Aron/Aaron
Henok/Hienok Goitom/Goytom Zerai/Zeray Mebrahtu/Mebratu Kiflom/Kflom Bereket/Bereketab Negasi/Negassi
Fessehaye/Fesehaye/Fisehaye Asmerom/Asmorom Teklay/Teklai
"""

_ERITREAN_WOMEN: Final = """
Selam/Selama Miriam/Miryam/Mariam Helen/Hellen Rahel/Rachel Feven/Fewen Luwam/Luam Semhar/Samhar
Bethlehem/Betelhem/Betlehem Saba/Sabah Hiwet/Hiwot/Hiywet Letebrhan/Letebirhan Almaz/Almas Tsehay/Tsehaye/Sehay
Abrehet/Abrhet Yordanos/Jordanos Winta/Wintana Senait/Senayt Meron/Mieron Tirhas/Trhas/Tirhase Mehret/Mihret/Mihiret
Genet/Ghenet Rigat Freweini/Freweyni/Firewoyni Elsa Zufan/Zifan
"""

_AFGHAN_MEN: Final = """
Mohammad/Mohammed/Muhammad/Mohamad Ali Reza/Raza/Riza Mahdi/Mehdi Hossein/Hussain/Hussein/Hosein Amir/Ameer
Ahmad/Ahmed Javad/Jawad/Javaad Abdul/Abdol Sayed/Said/Seyed/Sayyed Morteza/Murtaza/Mortaza Rahim/Raheem
Najibullah/Najib-Ullah Habibullah/Habib-Ullah Hamid/Hameed Omid/Umid Farhad/Ferhad Zabihullah/Zabih-Ullah
Esmatullah/Ismatullah Gholam/Ghulam/Golam Nasir/Naser/Nasser Karim/Kareem Aziz/Azeez Qasem/Ghasem/Qasim/Kasem
Ebrahim/Ibrahim Milad/Meelad Sohrab/Suhrab Yaser/Yasir/Yasser Elyas/Ilyas/Elias Hashem/Hashim
"""

_AFGHAN_WOMEN: Final = """
Fatima/Fatemeh/Fatema/Fatemah Zahra/Zohra/Zahraa Maryam/Mariam Zainab/Zeynab/Zeinab Sakina/Sakineh/Sakinah
Marzia/Marzieh/Marziya Nargis/Narges/Nargess Masuma/Masoumeh/Masoma/Massoumeh Khadija/Khadijeh Sara/Sarah
Parisa/Parissa Shirin/Shireen Laila/Leila/Leyla Farzana/Farzaneh Mina/Meena Roya/Roia Soraya/Suraya/Soria
Nasrin/Nasreen Homa/Huma Shabnam Razia/Razieh/Raziya Tahera/Tahereh/Tahira Hanifa/Hanifeh Bibi/Bebe Latifa/Latifeh
Golnaz/Gulnaz Setara/Setareh/Sitara Zarghona/Zarghuna Arezo/Arezou/Arzu Mahnaz
"""

_AFGHAN_FAMILIES: Final = """
Ahmadi/Ahmady/Ahmadie Mohammadi/Mohamadi/Muhammadi Hosseini/Hussaini/Husseini/Hoseini Jafari/Jaffari/Djafari
Rezai/Rezaei/Rezaie/Razai Rahimi/Rahimy Karimi/Karimy Haidari/Heidari/Haydari/Heydari Akbari/Akbary Noori/Nouri/Nuri
Sharifi/Sharify Mousavi/Musavi/Moosavi Alizadeh/Alizada/Alizade Sultani/Soltani Amiri/Ameri Yousefi/Yusufi/Yosofi
Hassani/Hasani Ebrahimi/Ibrahimi Nazari/Nazary Safari/Saffari Qasemi/Ghasemi/Qasimi/Kasemi Mirzai/Mirzaei/Mirzaie
Rostami/Rustami Sadeqi/Sadeghi/Sadiqi Moradi/Muradi Hakimi/Hakimy Azizi/Azizy Bahrami/Bahramy Taheri/Tahiri
Wahidi/Vahidi Sediqi/Sediqqi/Seddighi Zamani/Zamany
"""

_KURDISH_MEN: Final = """
Shivan/Sivan/Shvan/Shwan/Şivan Azad/Asad Dilan Hiwa/Heva Karwan/Karvan Rebin/Rebeen Sherzad/Sherzat/Shirzad Ari/Aree
Zana/Zanna Aram Baran Diyar/Diar Serdar/Sardar Hemin/Hemn Kawa/Kava Rojhat/Roshat Mazlum/Mazloum Sirwan/Sirvan
Xalid/Khaled/Chalid Behzad/Behsad Goran/Guran Nechirvan/Nêçîrvan Renas Bawer/Baver Dara/Daara
"""

_KURDISH_WOMEN: Final = """
Rojin/Rozhin/Roshin Dilan/Dylan Berivan/Beriwan/Bêrîvan Zilan/Zylan Shilan/Şilan/Schilan Nasrin/Nesrin Avin/Evin/Awin
Helin/Heleen Viyan/Vian/Wian Jiyan/Jian/Zhian Shler/Shlir Chiman/Chemen Gulistan/Golestan/Gulestan Nergiz/Nargis
Rezan/Razan Hevin/Hêvîn/Hewin Bahar/Behar Sozan/Sosan Ronahi/Ronahî Peri/Pari Zozan/Zosan Tara Lava/Lawa Naze/Nazê
Kajal/Kazhal
"""

_KURDISH_FAMILIES: Final = """
Barzani/Barzany Rashid/Rasheed Karim/Kareem Mustafa/Mostafa Hamad/Hammad Ahmed/Ahmad Qadir/Kader/Qader/Kadir
Rasul/Rasool/Resul Yildirim/Yıldırım Demir/Demîr Kaya/Kaja Aslan/Arslan Dogan/Doğan Celik/Çelik Azizi/Azizy
Moradi/Muradi Amin/Ameen Sharif/Şerif/Shareef Zebari/Zibari/Zebary Jaff/Jaf Talabani/Talabany Bozkurt Ozturk/Öztürk
Aydin/Aydın Hama/Hamma
"""


def _split(text: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(word.split("/")) for word in text.split())


# Origin to men's names, women's names and family names; without family names a father's given name serves as one.
CURATED: Final = {
    "arabic": (_split(_ARABIC_MEN), _split(_ARABIC_WOMEN), _split(_ARABIC_FAMILIES)),
    "somali": (_split(_SOMALI_MEN), _split(_SOMALI_WOMEN), ()),
    "eritrean": (_split(_ERITREAN_MEN), _split(_ERITREAN_WOMEN), ()),
    "afghan": (_split(_AFGHAN_MEN), _split(_AFGHAN_WOMEN), _split(_AFGHAN_FAMILIES)),
    "kurdish": (_split(_KURDISH_MEN), _split(_KURDISH_WOMEN), _split(_KURDISH_FAMILIES)),
}
