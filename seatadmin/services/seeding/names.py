"""Names of people, sponsors and employers that do not exist but could."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import count, product
from random import Random


def _listed(text: str) -> tuple[str, ...]:
    """The items of a text that parts them by commas."""
    return tuple(" ".join(item.split()) for item in text.split(","))


FIRST_NAMES = _listed("""
    Aaliyah, Aaron, Adriana, Ahmed, Aiden, Alejandro, Alicia, Amara, Amélie, Andre, Ángel, Anh,
    Anika, Anna, Antonio, Ashley, Benjamin, Beth, Björn, Brandon, Brianna, Caleb, Carlos, Carmen,
    Chidi, Chloé, Daniel, Danielle, Darnell, David, Deborah, Destiny, Devon, Diego, Dmitri, Elena,
    Elijah, Emily, Emmanuel, Eric, Esra, Ethan, Fatima, Felix, Gabriel, Grace, Hannah, Hector,
    Hiroshi, Ibrahim, Imani, Isaac, Isabella, Jacob, Jalen, Jamal, James, Jasmine, Jean-Luc,
    Jennifer, Jesús, Jonah, Jordan, José, Joshua, Juan, Kaito, Karen, Keisha, Kevin, Kofi,
    Lakshmi, Lars, Latoya, Leilani, Linh, Logan, Lucía, Luis, Mei, Malik, Marcus, María,
    Mary-Kate, Mateo, Michael, Miguel, Mohammed, Monique, Nadia, Naomi, Nathan, Nikolai, Nina, Noah,
    Noémie, Olivia, Omar, Oscar, Patrick, Priya, Rachel, Raúl, Rebecca, Renée, Robert, Rosa, Ryan,
    Samantha, Samuel, Sean, Siobhán, Sofía, Håkon, Stephanie, Tamika, Tanya, Terrence, Thomas,
    Tyler, Valentina, Victor, Vikram, William, Xavier, Yara, Yusuf, Zachary, Zoë
""")
LAST_NAMES = _listed("""
    Adams, Aguilar, Ali, Allen, Álvarez, Anderson, Bailey, Baker, Begay, Bell, Bennett, Brooks,
    Brown, Bui, Campbell, Carter, Castillo, Castro, Chavez, Chen, Clark, Cohen, Coleman, Collins,
    Cook, Cooper, Cox, Cruz, Cunningham, D'Angelo, Davis, De la Cruz, Delgado, Diaz, Edwards,
    Ellis, Evans, Fernández, Fisher, Flores, Foster, Fraser, García, Gibson, Gómez, González,
    Graham, Grant, Gray, Green, Griffin, Gutiérrez, Hall, Hamilton, Harris, Hayes, Henderson,
    Hernández, Hill, Howard, Huang, Hughes, Ibarra, Jackson, Jenkins, Jensen, Jiménez, Johnson,
    Jones, Kaur, Kelly, Kennedy, Khan, Kim, King, Kowalski, Kruger, Larsen, Le, Lee, Lewis, Li,
    Lindqvist, Lopez, Maldonado, Marshall, Martin, Martínez, McCarthy, McDonald, Mendoza, Miller,
    Mitchell, Mohamed, Moore, Morales, Moreno, Morgan, Müller, Murphy, Murray, Myers, Nakamura,
    Nelson, Nguyen, Núñez, O'Brien, O'Connor, Ochoa, Okafor, Olson, Ortiz, Owens, Park, Parker,
    Patel, Patterson, Peña, Pérez, Perry, Peterson, Pham, Phillips, Powell, Price, Quinn, Ramírez,
    Reed, Reyes, Reynolds, Richardson, Rivera, Roberts, Robinson, Rodríguez, Rogers, Romero,
    Rosenberg, Ross, Ruiz, Russell, Sanchez, Sanders, Schmidt, Scott, Shah, Silva, Singh,
    Smith-Jones, Smith, Soto, Stewart, Sullivan, Tanaka, Taylor, Thomas, Thompson, Torres, Tran,
    Tucker, Turner, Van Dyke, Vargas, Vasquez, Vu, Walker, Wallace, Ward, Washington, Watson, Weber,
    Wells, White, Whitehorse, Williams, Wilson, Wójcik, Wong, Wood, Wright, Wu, Yang, Yazzie,
    Young, Zhang, Zimmerman
""")

TRADES: Mapping[str, tuple[str, ...]] = {
    "Electrical": ("Electrician", "Electrician", "Solar Installer"),
    "Plumbing and Pipefitting": ("Plumber and Pipefitter", "HVAC Technician"),
    "Carpenters": ("Carpenter", "Carpenter", "Drywall Installer"),
    "Ironworkers": ("Ironworker", "Welder"),
    "Sheet Metal": ("Sheet Metal Worker", "HVAC Technician"),
    "Operating Engineers": ("Operating Engineer", "Diesel Mechanic"),
    "Line Construction": ("Power-Line Installer",),
    "Manufacturing": ("Machinist", "Tool and Die Maker", "Industrial Mechanic", "Welder"),
    "Masonry": ("Bricklayer", "Cement Mason", "Plasterer"),
    "Finishing Trades": ("Painter", "Glazier", "Drywall Installer"),
    "Roofers": ("Roofer",),
    "Health Care": ("Medical Assistant", "Pharmacy Technician", "Nursing Assistant"),
    "Transportation": ("Truck Driver", "Diesel Mechanic", "Automotive Technician"),
    "Technology": ("Computer Support Specialist", "Information Security Analyst"),
}
"""What the apprentices of a trade learn. A title that stands twice is twice as frequent."""

REGIONS = _listed("""
    Puget Sound, Inland Empire, Columbia Basin, Great Lakes, Hudson Valley, Front Range,
    Tidewater, Blue Ridge, Gulf Coast, Mohawk Valley, Red River, Bay Area, High Desert, Ozark,
    Twin Cities, Piedmont, Chesapeake, Rio Grande, Cape Fear, Black Hills
""")
PLACES = _listed("""
    Alder, Anchor, Aspen, Beacon, Bluebird, Bridgeview, Canyon, Cascade, Cedar, Copper, Eagle,
    Evergreen, Foothill, Granite, Harbor, Heron, Highland, Juniper, Keystone, Lakeside, Liberty,
    Maple, Meridian, Northgate, Olympic, Pioneer, Prairie, Rainier, Redwood, Ridgeline, Riverside,
    Sequoia, Silver Creek, Summit, Three Rivers, Timberline, Union, Valley, Westport, Willow
""")
OWNERS = _listed("""
    Baker & Sons, Castillo Brothers, D'Angelo, Flores, Fraser & Daughters, Kowalski, McDonald,
    Müller, Nakamura, O'Brien & Sons, Okafor, Peña, Rosenberg, Singh Brothers, Van Dyke,
    Whitehorse
""")
BUSINESSES = _listed("""
    Builders, Construction, Contracting, Electric, Fabrication, Industries, Mechanical, Partners,
    Services, Systems, Technical, Works
""")


def sponsors(rng: Random) -> Iterator[tuple[str, str]]:
    """A sponsor's name and its trade, without end; every name is another one."""
    first = ("Puget Sound", "Electrical", "JATC")
    forms = ("JATC", "Apprenticeship Trust", "Training Alliance")
    combined = [names for names in product(REGIONS, TRADES, forms) if names != first]
    rng.shuffle(combined)
    for name, (_, trade, _) in _distinct([first, *combined]):
        yield name, trade


def employers(rng: Random) -> Iterator[str]:
    """The name of an employer, without end; every name is another one."""
    forms = ("LLC", "Inc.", "Co.", "Group")
    combined = list(product((*PLACES, *OWNERS), BUSINESSES, forms))
    rng.shuffle(combined)
    for name, _ in _distinct(combined):
        yield name


def _distinct(combined: Sequence[tuple[str, ...]]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each combination as a name; when all are used up again, with a number."""
    for again in count(1):
        for words in combined:
            yield " ".join(words if again == 1 else (*words, str(again))), words
