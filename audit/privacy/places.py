"""Names of regions and cities that addresses begin or end with; enough to find their edges, no gazetteer."""

from __future__ import annotations

CITIES_ZH: frozenset[str] = frozenset(
    (
        "北京 天津 上海 重庆 河北 山西 辽宁 吉林 黑龙江 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 广东 海南 四川 贵州 云南 陕西 甘肃 青海 台湾 内蒙古 广西 西藏 宁夏 新疆 香港 澳门 "
        "石家庄 唐山 秦皇岛 邯郸 邢台 保定 张家口 承德 沧州 廊坊 衡水 太原 大同 阳泉 长治 晋城 朔州 晋中 运城 忻州 临汾 吕梁 呼和浩特 包头 乌海 赤峰 通辽 鄂尔多斯 呼伦贝尔 沈阳 大连 鞍山 抚顺 本溪 丹东 锦州 营口 阜新 辽阳 盘锦 铁岭 朝阳市 葫芦岛 "
        "长春 四平 辽源 通化 白山 松原 白城 延边 哈尔滨 齐齐哈尔 鸡西 鹤岗 双鸭山 大庆 伊春 佳木斯 七台河 牡丹江 黑河 绥化 南京 无锡 徐州 常州 苏州 南通 连云港 淮安 盐城 扬州 镇江 泰州 宿迁 杭州 宁波 温州 嘉兴 湖州 绍兴 金华 衢州 舟山 台州 丽水 "
        "合肥 芜湖 蚌埠 淮南 马鞍山 淮北 铜陵 安庆 黄山 滁州 阜阳 宿州 六安 亳州 池州 宣城 福州 厦门 莆田 三明 泉州 漳州 南平 龙岩 宁德 南昌 景德镇 萍乡 九江 新余 鹰潭 赣州 吉安 宜春 抚州 上饶 济南 青岛 淄博 枣庄 东营 烟台 潍坊 济宁 泰安 威海 日照 临沂 德州 聊城 滨州 菏泽 "
        "郑州 开封 洛阳 平顶山 安阳 鹤壁 新乡 焦作 濮阳 许昌 漯河 三门峡 南阳 商丘 信阳 周口 驻马店 武汉 黄石 十堰 宜昌 襄阳 鄂州 荆门 孝感 荆州 黄冈 咸宁 随州 恩施 长沙 株洲 湘潭 衡阳 邵阳 岳阳 常德 张家界 益阳 郴州 永州 怀化 娄底 湘西 "
        "广州 韶关 深圳 珠海 汕头 佛山 江门 湛江 茂名 肇庆 惠州 梅州 汕尾 河源 阳江 清远 东莞 中山 潮州 揭阳 云浮 南宁 柳州 桂林 梧州 北海 防城港 钦州 贵港 玉林 百色 贺州 河池 来宾 崇左 海口 三亚 成都 自贡 攀枝花 泸州 德阳 绵阳 广元 遂宁 内江 乐山 南充 眉山 宜宾 广安 达州 雅安 巴中 资阳 "
        "贵阳 六盘水 遵义 安顺 毕节 铜仁 昆明 曲靖 玉溪 保山 昭通 丽江 普洱 临沧 大理 拉萨 西安 铜川 宝鸡 咸阳 渭南 延安 汉中 榆林 安康 商洛 兰州 嘉峪关 金昌 白银 天水 武威 张掖 平凉 酒泉 庆阳 定西 陇南 西宁 海东 银川 石嘴山 吴忠 固原 中卫 乌鲁木齐 克拉玛依 昆山 义乌 常熟 江阴 张家港 慈溪 晋江 "
        "雨花台 浦东 朝阳区 海淀 丰台 西城 东城 通州 昌平 大兴 天河 越秀 海珠 番禺 福田 罗湖 南山 宝安 龙岗 龙华 江宁 玄武 秦淮 建邺 鼓楼 栖霞 姑苏 吴中 相城 滨湖 武侯 锦江 青羊 金牛 成华 双流 渝北 渝中 江北区 沙坪坝 九龙坡 南岸 洪山 武昌 汉口 江岸 江汉 硚口 汉阳 青山 雁塔 碑林 莲湖 未央 长安区 盘龙 五华 官渡 西山区 河西区 南开 和平区 河东区 河北区 红桥"
    ).split()
)

STATES_EN: frozenset[str] = frozenset(
    "alabama|alaska|arizona|arkansas|california|colorado|connecticut|delaware|florida|georgia|hawaii|idaho|illinois|indiana|iowa|kansas|kentucky|louisiana|maine|maryland|massachusetts|michigan|minnesota|mississippi|missouri|montana|nebraska|nevada|"
    "new hampshire|new jersey|new mexico|new york|north carolina|north dakota|ohio|oklahoma|oregon|pennsylvania|rhode island|south carolina|south dakota|tennessee|texas|utah|vermont|virginia|washington|west virginia|wisconsin|wyoming|"
    "al|ak|az|ar|ca|co|ct|de|fl|ga|il|ia|ks|ky|md|ma|mi|mn|ms|mo|mt|nv|nh|nj|nm|ny|nc|nd|ok|or(?= [0-9]{5})|pa|ri|sc|sd|tn|tx|ut|vt|va|wa|wv|wi|wy|id(?= [0-9]{5})|in(?= [0-9]{5})|hi(?= [0-9]{5})|oh(?= [0-9]{5})|me(?= [0-9]{5})|dc|"
    "maharashtra|karnataka|tamil nadu|telangana|andhra pradesh|kerala|gujarat|rajasthan|punjab|haryana|uttar pradesh|madhya pradesh|bihar|west bengal|odisha|assam|jharkhand|uttarakhand|himachal pradesh|goa|england|scotland|wales|northern ireland|uk|usa|"
    "new south wales|nsw|victoria|queensland|qld|tasmania|kent|essex|surrey|sussex|hampshire|devon|cornwall|yorkshire|lancashire|cheshire|norfolk|suffolk".split(
        "|"
    )
)

CITIES_EN: frozenset[str] = frozenset(
    "london|birmingham|manchester|leeds|liverpool|sheffield|bristol|leicester|coventry|nottingham|newcastle|sunderland|brighton|hull|plymouth|stoke|wolverhampton|derby|southampton|portsmouth|reading|northampton|luton|bolton|bournemouth|norwich|swindon|oxford|cambridge|york|"
    "gloucester|exeter|bath|cardiff|swansea|newport|glasgow|edinburgh|aberdeen|dundee|inverness|belfast|derry|slough|watford|croydon|ipswich|peterborough|blackpool|preston|bradford|huddersfield|wakefield|doncaster|rotherham|barnsley|middlesbrough|durham|carlisle|lancaster|chester|wigan|stockport|oldham|rochdale|salford|bury|burnley|blackburn|"
    "new york|los angeles|chicago|houston|phoenix|philadelphia|san antonio|san diego|dallas|san jose|austin|jacksonville|fort worth|columbus|charlotte|indianapolis|san francisco|seattle|denver|boston|el paso|nashville|detroit|oklahoma city|portland|las vegas|memphis|louisville|baltimore|milwaukee|albuquerque|tucson|fresno|sacramento|mesa|kansas city|"
    "atlanta|omaha|colorado springs|raleigh|miami|long beach|virginia beach|oakland|minneapolis|tulsa|tampa|arlington|new orleans|wichita|cleveland|bakersfield|aurora|anaheim|honolulu|riverside|corpus christi|lexington|stockton|henderson|saint paul|st\\.? louis|cincinnati|pittsburgh|greensboro|anchorage|lincoln|orlando|irvine|newark|toledo|durham|chula vista|"
    "fort wayne|st\\.? petersburg|laredo|buffalo|madison|lubbock|chandler|boise|spokane|tacoma|richmond|rochester|des moines|baton rouge|birmingham|salt lake city|dayton|akron|springfield|albany|syracuse|worcester|providence|hartford|knoxville|chattanooga|mobile|savannah|macon|little rock|jackson|topeka|eugene|salem|reno|brooklyn|queens|bronx|"
    "mumbai|delhi|new delhi|bangalore|bengaluru|hyderabad|ahmedabad|chennai|kolkata|surat|pune|jaipur|lucknow|kanpur|nagpur|indore|thane|bhopal|visakhapatnam|patna|vadodara|ghaziabad|ludhiana|agra|nashik|faridabad|meerut|rajkot|varanasi|srinagar|aurangabad|amritsar|navi mumbai|allahabad|ranchi|coimbatore|gwalior|vijayawada|jodhpur|madurai|raipur|kochi|"
    "chandigarh|gurgaon|gurugram|noida|mysore|mysuru|kothrud|andheri|bandra|dadar|borivali|malad|powai|aundh|baner|hinjewadi|wakad|viman nagar|koramangala|indiranagar|whitefield|jayanagar|t nagar|adyar|velachery|anna nagar|salt lake|dwarka|rohini|saket|karol bagh|lajpat nagar|sydney|melbourne|brisbane|perth|adelaide|dublin|toronto|vancouver".split(
        "|"
    )
)
